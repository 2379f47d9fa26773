import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type CryptographicMaterialsManager, releasedOnFailure } from "./cmm.ts";

/** What an item may have unless an option says otherwise. */
const defaultMaximumEncryptedDataKeys = 32;

/**
 * A CMM whose items have no more encrypted data keys than so many: on reading they are counted before any keyring is
 * asked, since whoever may write an item could put 65,535 into it, and each might cost a call; on writing before anything
 * is sent, so that no item is written that could not be read.
 *
 * @throws from its methods ERR_LIMIT_EXCEEDED and those of the CMM
 */
export function limitedCmm(cmm: CryptographicMaterialsManager, maximum: number): CryptographicMaterialsManager {
  const requireFew = (actual: number): void => {
    if (actual <= maximum) return;
    const details = { limit: "the number of encrypted data keys of an item", maximum, actual, option: "maxEncryptedDataKeys" };
    throw new DynasealError("ERR_LIMIT_EXCEEDED", { details });
  };
  return Object.freeze<CryptographicMaterialsManager>({
    async getEncryptionMaterials(request, call) {
      const materials = await cmm.getEncryptionMaterials(request, call);
      releasedOnFailure(materials, () => requireFew(materials.encryptedDataKeys.length));
      return materials;
    },
    async decryptMaterials(request, call) {
      requireFew(request.encryptedDataKeys.length);
      return cmm.decryptMaterials(request, call);
    },
  });
}

/** An option that bounds something: a whole number of at least 1, or `Infinity`. @throws ERR_INVALID_ARGUMENT */
export function requireMaximum(option: string, value: number | undefined, byDefault: number = defaultMaximumEncryptedDataKeys): number {
  const maximum = value ?? byDefault;
  if (maximum !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(maximum) && maximum >= 1))
    throw invalidArgument(option, "a whole number of at least 1, or Infinity");
  return maximum;
}
