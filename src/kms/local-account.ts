import { DynasealError } from "../errors/index.ts";
import { isLoopback } from "./endpoint.ts";
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

/** Hosts of AWS, where no key is of the local test account. */
const awsHost = /\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn|ic\.gov|sgov\.gov|adc-e\.uk)$/;

/** Whether only an answer could tell that the key is of the local test account: an alias or bare id, on a host of nobody knows whom. */
export function mightBeLocalKeyElsewhere(keyId: string, hostname: string): boolean {
  return parseKmsArn(keyId) === undefined && !isLoopback(hostname) && !awsHost.test(hostname);
}
