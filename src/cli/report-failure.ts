import { CommanderError } from "commander";
import { isDynasealError } from "../errors/index.ts";
import { exitCodes } from "./exit-codes.ts";

/** What went wrong, with what to do about it, on standard error; and the exit code. Nothing of a stack, nothing secret. */
export function reportFailure(error: unknown, output: NodeJS.WritableStream = process.stderr): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (isDynasealError(error)) {
    output.write(`${error.code}: ${error.message}\n`);
    if (error.hint !== "") output.write(`${error.hint}\n`);
    return usageCodes.has(error.code) ? exitCodes.usage : serviceCodes.test(error.code) ? exitCodes.service : exitCodes.failed;
  }
  const { name, message, $fault } = (error ?? {}) as { readonly name?: string; readonly message?: string; readonly $fault?: unknown };
  output.write(`${name ?? "Error"}: ${message ?? "unknown"}\n`);
  if (credentialNames.has(name ?? "")) return exitCodes.credentials;
  return $fault === undefined ? exitCodes.failed : exitCodes.service;
}

const usageCodes: ReadonlySet<string> = new Set([
  "ERR_INVALID_ARGUMENT",
  "ERR_OPTION_UNKNOWN",
  "ERR_CONFIG_INVALID",
  "ERR_SCHEMA_INVALID",
  "ERR_SCHEMA_SYNTAX",
  "ERR_SCHEMA_FILE",
  "ERR_SCHEMA_VERSION",
  "ERR_JOB_REFUSED",
  "ERR_TABLE_CONTRADICTS_SCHEMA",
]);

/** Something that a service answered, or could not. */
const serviceCodes = /^ERR_(?:KMS|KEY_STORE|BRANCH_KEY|SCHEMA_UNAVAILABLE)/;

const credentialNames: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "ExpiredTokenException",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "MissingAuthenticationTokenException",
  // As STS calls them.
  "ExpiredToken",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
]);
