import { DynasealError, invalidArgument } from "../errors/index.ts";

/** The steps at which the document client's marshalling hangs, and where encryption takes the place of the wire. */
export const serializer = "serializerMiddleware";
export const deserializer = "deserializerMiddleware";

/** What `encryptedClient` needs of a client of the AWS SDK for JavaScript v3. */
export interface SdkClient {
  readonly config: object;
  readonly middlewareStack: object;
  // A client's `send` is overloaded and generic; only its presence is looked at here.
  readonly send: (...parameters: never[]) => unknown;
  destroy(): void;
}

/**
 * Refuses a client whose SDK is built in another way than the one that encryption hangs on. From 3.928 on the client
 * itself, not each command, has the two steps; before, a request could leave without passing ours.
 *
 * @throws ERR_INVALID_ARGUMENT for anything that is no DynamoDB client, ERR_SDK_UNSUPPORTED
 */
export function probeSdk(client: SdkClient): void {
  const { config, middlewareStack, send } = (client ?? {}) as Partial<SdkClient>;
  const { serviceId, requestHandler, region } = (config ?? {}) as { serviceId?: unknown; requestHandler?: unknown; region?: unknown };
  if (serviceId !== "DynamoDB" || typeof send !== "function" || typeof region !== "function") {
    const expected = "a DynamoDBClient, DynamoDB, DynamoDBDocumentClient or DynamoDBDocument of the AWS SDK for JavaScript v3";
    throw invalidArgument("client", expected);
  }
  if (!hasMethod(requestHandler, "handle")) throw unsupported("its request handler has no method handle");
  if (!hasMethod(middlewareStack, "identify")) throw unsupported("its middleware stack cannot be looked at");
  const steps = (middlewareStack as { identify(): readonly string[] }).identify();
  for (const anchor of [serializer, deserializer]) {
    // An entry reads "name - step", or "name (a.k.a. alias) - step".
    if (!steps.some((step) => step.split(" ")[0] === anchor)) throw unsupported(`the client has no step ${anchor}`);
  }
}

export function unsupported(reason: string): DynasealError {
  return new DynasealError("ERR_SDK_UNSUPPORTED", { details: { reason } });
}

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && typeof (value as Record<string, unknown>)[name] === "function";
}
