import { invalidArgument } from "../errors/index.ts";
import { type CryptographicMaterialsManager, requireContextKeys } from "./cmm.ts";
import { cmmOf } from "./cmm-of.ts";
import type { Keyring } from "./keyring.ts";

export interface RequiredEncryptionContextCmmOptions {
  /** Keys that are authenticated, but not stored; reading needs their values again. */
  readonly requiredEncryptionContextKeys: readonly string[];
  /** What it asks; a keyring is asked through the default CMM. */
  readonly underlying: CryptographicMaterialsManager | Keyring;
}

/**
 * A CMM that refuses to write or read unless the encryption context holds certain keys, and keeps them out of the
 * header: whoever reads has to know their values.
 *
 * Every item's context holds `aws-crypto-table-name`, `aws-crypto-partition-name`, `aws-crypto-sort-name` and
 * `aws-crypto-attr.‹name›` of its keys and, in format 2, `aws-crypto-attr.‹name›` of each
 * SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT attribute and `aws-crypto-legend`. None of these is ever stored; to name one
 * here refuses items and schemas that lack it, before any key is asked for.
 *
 * @throws ERR_INVALID_ARGUMENT; from its methods ERR_REQUIRED_CONTEXT_KEY_MISSING, ERR_MATERIALS_INVALID and those of
 * the underlying CMM
 * @see framework/required-encryption-context-cmm.md
 * @see framework/required-encryption-context-cmm.md "Overview", "Initialization", "Get Encryption Materials", "Decrypt Materials"
 */
export function requiredEncryptionContextCmm(options: RequiredEncryptionContextCmmOptions): CryptographicMaterialsManager {
  const required = [...options.requiredEncryptionContextKeys];
  if (required.length === 0 || !required.every((key) => typeof key === "string" && key !== "")) {
    throw invalidArgument("requiredEncryptionContextKeys", "a list of at least one key");
  }
  // It refuses an underlying CMM that drops a required key, which then would not be authenticated.
  const cmm = cmmOf(options.underlying, "underlying");
  return Object.freeze<CryptographicMaterialsManager>({
    async getEncryptionMaterials(request, call) {
      requireContextKeys(required, request.encryptionContext);
      const requiredEncryptionContextKeys = [...new Set([...request.requiredEncryptionContextKeys, ...required])];
      return cmm.getEncryptionMaterials({ ...request, requiredEncryptionContextKeys }, call);
    },
    async decryptMaterials(request, call) {
      requireContextKeys(required, request.reproducedEncryptionContext);
      return cmm.decryptMaterials(request, call);
    },
  });
}
