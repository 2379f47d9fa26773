import type { KMSClient } from "@aws-sdk/client-kms";
import { DynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import type { KmsConnection, KmsTarget } from "./connection.ts";
import { withDeadline } from "./deadline.ts";
import { type KmsCallSite, kmsFailure } from "./failures.ts";
import { parseKmsKeyArn } from "./identifiers.ts";
import { refuseLocalKeyElsewhere } from "./local-account.ts";

/** What every call gets beside its own request. */
export interface KmsCallContext {
  readonly connection: KmsConnection;
  readonly target: KmsTarget;
  readonly call: KeyringCall;
}

/** What every answer has. */
export interface Answer {
  readonly KeyId: string;
  /** Binary members are new for each answer of the service; a stub in place of the client may answer with them again. */
  readonly answeredBy: "service" | "stub";
}

interface WatchedCommand {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<never>) => (args: { readonly request: unknown }) => Promise<never>,
      options: { readonly step: "build"; readonly name: string },
    ): void;
  };
}

/** Runs inside the request's bound on concurrent KMS calls, under the deadline, and turns failures into codes. */
export async function send<Command extends object, Output extends { readonly KeyId?: string | undefined }>(
  operation: string,
  { connection, target, call }: KmsCallContext,
  command: (grantTokens: string[]) => Command,
  dispatch: (client: KMSClient, command: Command, options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output & Answer> {
  const site: KmsCallSite = { operation, region: target.region, keyId: target.keyId };
  const client = await connection.client(target.region);
  const built = command(connection.grantTokens(target.region));
  let hostname = "";
  watchEndpoint(built as unknown as WatchedCommand, (name) => {
    hostname = name;
    refuseLocalKeyElsewhere(target.keyId, name);
  });
  const task = (): Promise<Output> =>
    withDeadline(connection.timeoutSeconds, call.signal, (abortSignal) => dispatch(client, built, { abortSignal }));
  let output: Output;
  try {
    output = await (call.limit === undefined ? task() : call.limit(task));
  } catch (error) {
    throw kmsFailure(error, site);
  }
  const { KeyId } = output;
  if (KeyId === undefined || parseKmsKeyArn(KeyId) === undefined) throw responseInvalid(site, "its KeyId is not a key ARN");
  if (hostname !== "") refuseLocalKeyElsewhere(KeyId, hostname);
  return { ...output, KeyId, answeredBy: hostname === "" ? "stub" : "service" };
}

export function responseInvalid(site: KmsCallSite, reason: string): DynasealError {
  return new DynasealError("ERR_KMS_RESPONSE_INVALID", { details: { ...site, reason } });
}

/** Sees the host that the request really goes to, whatever configured it: code, environment or profile. */
function watchEndpoint(command: WatchedCommand, seen: (hostname: string) => void): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { readonly hostname?: string };
      seen(request.hostname ?? "");
      return next(args as never);
    },
    { step: "build", name: "dynasealEndpointWatch" },
  );
}
