import { DynasealError, isDynasealError } from "../errors/index.ts";
import type { DecryptionMaterials, EncryptedDataKey } from "../materials/index.ts";
import type { UnwrapLimit } from "./decrypt-call-limit.ts";

/**
 * Collects what went wrong while one key after the other is tried, and picks the error to throw when none worked.
 *
 * An outage or a refusal tells more than "does not authenticate", since the key that would have worked may be the one
 * that could not be asked; so the first error that is not ERR_NOT_AUTHENTIC is thrown. Where several failed, its cause
 * is an AggregateError with all of them.
 */
export class FailedAttempts {
  readonly #errors: unknown[] = [];

  /** Notes a failure; an abort ends everything at once. */
  add(error: unknown): void {
    if (isDynasealError(error, "ERR_ABORTED")) throw error;
    this.#errors.push(error);
  }

  /** Notes the failure that says more than those before it. */
  addFirst(error: DynasealError): void {
    this.#errors.unshift(error);
  }

  /** Throws the most telling error; returns where there was none. */
  throwIfAny(): void {
    if (this.#errors.length === 0) return;
    const telling = this.#errors.find((error) => !isDynasealError(error, "ERR_NOT_AUTHENTIC")) ?? this.#errors[0];
    if (this.#errors.length === 1 || !isDynasealError(telling)) throw telling;
    const codes = this.#errors.map((error) => (isDynasealError(error) ? error.code : "another error"));
    throw new DynasealError(telling.code, { details: telling.details, cause: new AggregateError(this.#errors, codes.join(", ")) });
  }
}

/** Answers instead of a key where an encrypted data key turned out to be another keyring's. */
export const notOurs = "not ours";

/**
 * The onDecrypt of every keyring that holds keys: tries the encrypted data keys that are its own, one at a time.
 *
 * @param match false where the encrypted data key is not its own, else what `unwrap` needs to know of it
 * @param limit how many are tried at most
 * @param unwrap `"not ours"` where only unwrapping showed that it is another keyring's, `undefined` where the encrypted data key does not authenticate
 * @returns the first success; the materials unchanged where none is its own
 * @throws ERR_NOT_AUTHENTIC, ERR_LIMIT_EXCEEDED, and what `unwrap` throws
 * @see framework/keyring-interface.md "Decrypt Data Key"
 */
export async function unwrapFirst<Match>(
  materials: DecryptionMaterials,
  encryptedDataKeys: readonly EncryptedDataKey[],
  match: (encryptedDataKey: EncryptedDataKey) => Match | false,
  unwrap: (encryptedDataKey: EncryptedDataKey, match: Match) => Promise<DecryptionMaterials | undefined | typeof notOurs>,
  limit?: UnwrapLimit,
): Promise<DecryptionMaterials> {
  refuseSecondDataKey(materials);
  const failed = new FailedAttempts();
  let attempts = 0;
  for (const encryptedDataKey of encryptedDataKeys) {
    const matched = match(encryptedDataKey);
    if (matched === false) continue;
    if (limit !== undefined && attempts >= limit.maximum) {
      const details = { limit: "the number of an item's encrypted data keys that this keyring asks KMS for", ...limit };
      failed.addFirst(new DynasealError("ERR_LIMIT_EXCEEDED", { details }));
      break;
    }
    attempts++;
    try {
      const unwrapped = await unwrap(encryptedDataKey, matched);
      if (unwrapped === notOurs) continue;
      if (unwrapped !== undefined) return unwrapped;
      failed.add(new DynasealError("ERR_NOT_AUTHENTIC", { details: {} }));
    } catch (error) {
      failed.add(error);
    }
  }
  failed.throwIfAny();
  return materials;
}

/** @throws ERR_MATERIALS_INVALID */
export function refuseSecondDataKey(materials: DecryptionMaterials): void {
  if (materials.plaintextDataKey !== undefined) {
    throw new DynasealError("ERR_MATERIALS_INVALID", { details: { reason: "the data key was there before onDecrypt" } });
  }
}
