import { DynasealError } from "../errors/index.ts";
import { parseKmsArn } from "./identifiers.ts";

/** The account of the KMS in `dynaseal/testing`; no AWS account has it. */
const localAccount = "000000000000";

/** Whether a key belongs to the local test KMS, as far as its identifier tells. */
export function isLocalKey(keyId: string): boolean {
  return parseKmsArn(keyId)?.account === localAccount;
}

/**
 * Keys that anybody can make must not protect what leaves this machine.
 *
 * @throws ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT
 */
export function refuseLocalKeyElsewhere(keyId: string, hostname: string): void {
  if (isLocalKey(keyId) && !isLoopback(hostname)) {
    throw new DynasealError("ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT", { details: { keyId, endpoint: hostname } });
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
