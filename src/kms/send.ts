import type { KMSClient } from "@aws-sdk/client-kms";
import { DynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import type { KmsConnection, KmsTarget } from "./connection.ts";
import { withDeadline } from "./deadline.ts";
import { type EndpointRequest, refusePlainHttp, watchEndpoint } from "./endpoint.ts";
import { type KmsCallSite, kmsFailure } from "./failures.ts";
import { parseKmsKeyArn } from "./identifiers.ts";
import { mightBeLocalKeyElsewhere, refuseLocalKeyElsewhere } from "./local-account.ts";
import { type KmsSdk, kmsSdk } from "./sdk.ts";
import { nameInUserAgent } from "./user-agent.ts";

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

/** Runs inside the request's bound on concurrent KMS calls, under the deadline, and turns failures into codes. @throws the ERR_KMS_ codes */
export async function send<Command extends object, Output extends { readonly KeyId?: string | undefined }>(
  operation: string,
  { connection, target, call }: KmsCallContext,
  command: (sdk: KmsSdk, grantTokens: string[]) => Command,
  dispatch: (client: KMSClient, command: Command, options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output & Answer> {
  return connection.run(target.region, async (client) => {
    // The Region that is really asked: a client that was given may be of another than the key's ARN.
    const site: KmsCallSite = { operation, region: await regionOf(client, target.region), keyId: target.keyId };
    const built = command(await kmsSdk(), connection.grantTokens(target.region));
    let hostname = "";
    nameInUserAgent(built, connection.caller);
    watchEndpoint(built, async (request) => {
      hostname = request.hostname ?? "";
      await refuseEndpoint(request, { connection, target, client, signal: call.signal });
    });
    const task = (): Promise<Output> =>
      withDeadline(connection.timeoutSeconds, call.signal, (abortSignal) => dispatch(client, built, { abortSignal }));
    let output: Output;
    try {
      output = await (call.limit === undefined ? task() : call.limit(task));
    } catch (error) {
      throw kmsFailure(error, site);
    }
    return checkedAnswer(output, { site, hostname });
  });
}

/** @throws ERR_KMS_RESPONSE_INVALID, ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT */
function checkedAnswer<Output extends { readonly KeyId?: string | undefined }>(
  output: Output,
  { site, hostname }: { readonly site: KmsCallSite; readonly hostname: string },
): Output & Answer {
  const { KeyId } = output;
  if (KeyId === undefined || parseKmsKeyArn(KeyId) === undefined) throw responseInvalid(site, "its KeyId is not a key ARN");
  if (hostname !== "") refuseLocalKeyElsewhere(KeyId, hostname);
  return { ...output, KeyId, answeredBy: hostname === "" ? "stub" : "service" };
}

/**
 * Nothing goes to an endpoint that everybody could read, nor to a test KMS that somebody else runs: an alias or bare id
 * does not say whose it is, so a host that is not AWS's is asked first, without any context.
 *
 * @throws ERR_ENDPOINT_NOT_ENCRYPTED, ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT
 */
async function refuseEndpoint(
  request: EndpointRequest,
  {
    connection,
    target,
    client,
    signal,
  }: Pick<KmsCallContext, "connection" | "target"> & { readonly client: KMSClient; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { hostname = "" } = request;
  const { keyId } = target;
  refuseLocalKeyElsewhere(keyId, hostname);
  refusePlainHttp(request, { service: "KMS", allowPlainHttp: connection.allowPlainHttp });
  if (!mightBeLocalKeyElsewhere(keyId, hostname)) return;
  const arn = await connection.described(`${keyId} ${hostname}`, async () => {
    const describe = new (await kmsSdk()).DescribeKeyCommand({ KeyId: keyId });
    nameInUserAgent(describe, connection.caller);
    try {
      const { KeyMetadata } = await client.send(describe, signal === undefined ? {} : { abortSignal: signal });
      return KeyMetadata?.Arn ?? "";
    } catch (error) {
      // Who may not describe the key speaks to a KMS that has policies.
      if ((error as { readonly name?: string }).name === "AccessDeniedException") return "";
      throw error;
    }
  });
  refuseLocalKeyElsewhere(arn, hostname);
}

async function regionOf(client: KMSClient, otherwise: string): Promise<string> {
  try {
    return (await client.config?.region?.()) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function responseInvalid(site: KmsCallSite, reason: string): DynasealError {
  return new DynasealError("ERR_KMS_RESPONSE_INVALID", { details: { ...site, reason } });
}
