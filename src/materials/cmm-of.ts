import { type DynasealError, displayName, invalidArgument } from "../errors/index.ts";
import { type CryptographicMaterialsManager, completeEncryptionMaterials, defaultCmm, invalidMaterials, releasedOnFailure } from "./cmm.ts";
import { hasContextKey } from "./encryption-context.ts";
import { noKeyMatches } from "./key-names.ts";
import type { Keyring } from "./keyring.ts";

/** A keyring, which is asked through the default CMM, or a CMM. */
export type KeyringOrCmm = Keyring | CryptographicMaterialsManager;

export function isKeyringOrCmm(value: unknown): value is KeyringOrCmm {
  return isKeyring(value) || isCmm(value);
}

/**
 * The CMM that stands behind what a user passed as `keyring`.
 *
 * A CMM may be anybody's, so its answers are checked: what the item is bound to has to stay out of the header and
 * inside the authenticated context, as the specification has it by way of a required encryption context CMM.
 *
 * @throws ERR_INVALID_ARGUMENT; from its methods ERR_MATERIALS_INVALID, ERR_NO_KEY_MATCHES and those of the CMM
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "CMM"
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "CMM"
 * @see framework/cmm-interface.md "Supported CMMs"
 */
export function cmmOf(value: KeyringOrCmm, argument: string = "keyring"): CryptographicMaterialsManager {
  if (isKeyring(value)) return defaultCmm(value);
  if (!isCmm(value)) throw invalidArgument(argument, "a keyring or a cryptographic materials manager");
  return Object.freeze<CryptographicMaterialsManager>({
    async getEncryptionMaterials(request, call) {
      const materials = await value.getEncryptionMaterials(request, call);
      return releasedOnFailure(materials, () => {
        const complete = completeEncryptionMaterials(materials);
        for (const key of request.requiredEncryptionContextKeys) {
          if (!complete.requiredEncryptionContextKeys.includes(key)) throw dropped(key);
          if (!sameEntry(key, request.encryptionContext, complete.encryptionContext)) throw dropped(key);
        }
        return complete;
      });
    },
    async decryptMaterials(request, call) {
      const materials = await value.decryptMaterials(request, call);
      return releasedOnFailure(materials, () => {
        if (materials.plaintextDataKey === undefined || materials.symmetricSigningKey === undefined) {
          throw noKeyMatches(request.encryptedDataKeys, undefined);
        }
        if (materials.algorithmSuite !== request.algorithmSuite) throw invalidMaterials("the algorithm suite was changed");
        for (const key of Object.keys(request.reproducedEncryptionContext)) {
          if (!sameEntry(key, request.reproducedEncryptionContext, materials.encryptionContext)) throw dropped(key);
        }
        return materials;
      });
    },
  });
}

function isKeyring(value: unknown): value is Keyring {
  const { onEncrypt, onDecrypt } = (value ?? {}) as Partial<Keyring>;
  return typeof onEncrypt === "function" && typeof onDecrypt === "function";
}

function isCmm(value: unknown): value is CryptographicMaterialsManager {
  const { getEncryptionMaterials, decryptMaterials } = (value ?? {}) as Partial<CryptographicMaterialsManager>;
  return typeof getEncryptionMaterials === "function" && typeof decryptMaterials === "function";
}

function sameEntry(key: string, asked: Readonly<Record<string, string>>, given: Readonly<Record<string, string>>): boolean {
  return hasContextKey(given, key) && given[key] === asked[key];
}

function dropped(key: string): DynasealError {
  return invalidMaterials(`the CMM dropped or changed the required key "${displayName(key)}"`);
}
