import { requireMaximum } from "../materials/index.ts";

/** What every keyring around KMS keys takes. */
export interface DecryptCallLimit {
  /**
   * For how many encrypted data keys of one item this keyring asks KMS, retries and failover apart; default 4. Somebody who
   * may write an item can name this keyring's key in as many as `maxEncryptedDataKeys` lets through.
   */
  readonly maxDecryptCalls?: number | undefined;
}

/** How often `unwrapFirst` may ask. */
export interface UnwrapLimit {
  readonly maximum: number;
  readonly option: string;
}

const defaultMaximum = 4;

/** @throws ERR_INVALID_ARGUMENT */
export function decryptCallLimit({ maxDecryptCalls }: DecryptCallLimit): UnwrapLimit {
  return { maximum: requireMaximum("maxDecryptCalls", maxDecryptCalls, defaultMaximum), option: "maxDecryptCalls" };
}
