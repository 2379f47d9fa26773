import { isLoopback } from "../kms/index.ts";
import { optionalPackage } from "./optional-package.ts";
import { printable } from "./printable.ts";

/** Who writes, and where. */
export interface Caller {
  /** `undefined`: table and KMS are servers on this machine, which know no accounts. */
  readonly account: string | undefined;
  /** ARN of the role or user. */
  readonly arn: string | undefined;
  readonly region: string;
}

/**
 * Asks STS who the caller is, unless all services that are written to are on this machine and STS has no endpoint of its own there.
 *
 * @throws ERR_INVALID_ARGUMENT if `@aws-sdk/client-sts` is not installed; what STS answers
 */
export async function callerIn(region: string, services: readonly string[] = ["DYNAMODB", "KMS"]): Promise<Caller> {
  if (services.every(isLocal) && endpointOf("STS") === undefined) return { account: undefined, arn: undefined, region };
  const { STSClient, GetCallerIdentityCommand } = await optionalPackage(
    "@aws-sdk/client-sts",
    "so that the account can be shown before anything is written",
    () => import("@aws-sdk/client-sts"),
  );
  const client = new STSClient({ region });
  try {
    const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
    if (Account === undefined || Arn === undefined) throw new Error("STS named no account.");
    return { account: Account, arn: Arn, region };
  } finally {
    client.destroy();
  }
}

/** One line on standard error, before anything is written. */
export function printCaller({ account, arn, region }: Caller): void {
  const who = account === undefined ? "no account, servers on this machine" : `account ${printable(account)}, as ${printable(arn ?? "")}`;
  process.stderr.write(`In ${printable(region)}: ${who}\n`);
}

function endpointOf(service: string): string | undefined {
  const text = process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env["AWS_ENDPOINT_URL"];
  return text === "" ? undefined : text;
}

function isLocal(service: string): boolean {
  const endpoint = endpointOf(service);
  return endpoint !== undefined && URL.canParse(endpoint) && isLoopback(new URL(endpoint).hostname);
}
