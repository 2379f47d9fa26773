import { GetParameterCommand, GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { DynasealError } from "../errors/index.ts";
import { namesPerCall } from "./layout.ts";

interface Found {
  readonly Value: string;
  readonly Version: number | undefined;
}

/** @throws ERR_SCHEMA_UNAVAILABLE */
export async function getParameter(client: SSMClient, parameter: string, signal: AbortSignal | undefined): Promise<Found> {
  const command = new GetParameterCommand({ Name: parameter, WithDecryption: true });
  const { Parameter } = await asked(parameter, (options) => client.send(command, options), signal);
  if (Parameter?.Value === undefined) throw unavailable(parameter, "missing");
  return { Value: Parameter.Value, Version: Parameter.Version };
}

/** Values by name, ten in a call; what is not there is left out. @throws ERR_SCHEMA_UNAVAILABLE */
export async function getParameters(
  client: SSMClient,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (let start = 0; start < names.length; start += namesPerCall) {
    const Names = names.slice(start, start + namesPerCall);
    const command = new GetParametersCommand({ Names, WithDecryption: true });
    const { Parameters = [] } = await asked(Names[0] ?? "", (options) => client.send(command, options), signal);
    for (const { Name, Value } of Parameters) if (Name !== undefined && Value !== undefined) values.set(Name, Value);
  }
  return values;
}

/** Why nothing was loaded. */
export type SchemaUnavailableReason = "missing" | "different" | "malformed" | "denied" | "throttled" | "unreachable";

export function unavailable(parameter: string, reason: SchemaUnavailableReason, cause?: unknown): DynasealError<"ERR_SCHEMA_UNAVAILABLE"> {
  return new DynasealError("ERR_SCHEMA_UNAVAILABLE", { details: { parameter, reason }, ...(cause !== undefined && { cause }) });
}

/** Gives failures of Parameter Store our code; its own error is the cause, and never quotes a value. */
export async function asked<Answer>(
  parameter: string,
  call: (options: { readonly abortSignal?: AbortSignal }) => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    return await call({ ...(signal && { abortSignal: signal }) });
  } catch (error) {
    const { name } = (error ?? {}) as { readonly name?: string };
    if (name === "AbortError") throw new DynasealError("ERR_ABORTED", { details: {}, cause: error });
    throw unavailable(parameter, reasonOf(name ?? ""), error);
  }
}

function reasonOf(name: string): SchemaUnavailableReason {
  if (/NotFound/.test(name)) return "missing";
  if (/Throttl|TooManyUpdates|RequestLimit/.test(name)) return "throttled";
  return /AccessDenied|Unauthorized|UnrecognizedClient|InvalidKeyId|Expired|Credentials|InvalidSignature/.test(name)
    ? "denied"
    : "unreachable";
}
