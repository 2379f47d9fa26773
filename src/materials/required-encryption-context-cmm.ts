import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type CryptographicMaterialsManager, defaultCmm, requireContextKeys } from "./cmm.ts";
import { hasContextKey } from "./encryption-context.ts";
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
 * @throws ERR_INVALID_ARGUMENT; from its methods ERR_REQUIRED_CONTEXT_KEY_MISSING, ERR_MATERIALS_INVALID and those of
 * the underlying CMM
 * @see framework/required-encryption-context-cmm.md
 */
export function requiredEncryptionContextCmm(options: RequiredEncryptionContextCmmOptions): CryptographicMaterialsManager {
  const required = [...options.requiredEncryptionContextKeys];
  if (required.length === 0 || !required.every((key) => typeof key === "string" && key !== "")) {
    throw invalidArgument("requiredEncryptionContextKeys", "a list of at least one key");
  }
  const cmm = "onEncrypt" in options.underlying ? defaultCmm(options.underlying) : options.underlying;
  return Object.freeze<CryptographicMaterialsManager>({
    async getEncryptionMaterials(request, call) {
      requireContextKeys(required, request.encryptionContext);
      const requiredEncryptionContextKeys = [...new Set([...request.requiredEncryptionContextKeys, ...required])];
      const materials = await cmm.getEncryptionMaterials({ ...request, requiredEncryptionContextKeys }, call);
      const lost = required.find((key) => !materials.requiredEncryptionContextKeys.includes(key));
      if (lost !== undefined) throw dropped(lost);
      return materials;
    },
    async decryptMaterials(request, call) {
      requireContextKeys(required, request.reproducedEncryptionContext);
      const materials = await cmm.decryptMaterials(request, call);
      const lost = required.find((key) => !hasContextKey(materials.encryptionContext, key));
      if (lost !== undefined) throw dropped(lost);
      return materials;
    },
  });
}

/** Else the key would not be authenticated. */
function dropped(key: string): DynasealError {
  return new DynasealError("ERR_MATERIALS_INVALID", { details: { reason: `the underlying CMM dropped the required key "${key}"` } });
}
