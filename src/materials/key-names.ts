import { decodeUtf8 } from "../bytes/index.ts";
import { DynasealError, displayName } from "../errors/index.ts";
import type { EncryptedDataKey } from "./materials.ts";

const maximumNames = 32;
/** Tag length in bits and IV length in bytes, which the raw AES keyring writes between key name and IV. */
const aesLengths = [0, 0, 0, 128, 0, 0, 0, 12] as const;
const aesSuffixLength = aesLengths.length + 12;

/** A keyring's key as an error shows it: provider and name. */
export function keyNameOf(keyProviderId: string, name: string): string {
  return `${displayName(keyProviderId)} ${displayName(name)}`;
}

/** The same of an encrypted data key: the provider info where it is text, without what the raw AES keyring puts behind it. */
function storedKeyName({ keyProviderId, keyProviderInfo }: EncryptedDataKey): string {
  const name = decodeUtf8(keyProviderInfo.subarray(0, nameLength(keyProviderInfo)));
  return name === undefined ? displayName(keyProviderId) : keyNameOf(keyProviderId, name);
}

function nameLength(info: Uint8Array): number {
  const start = info.length - aesSuffixLength;
  return start > 0 && aesLengths.every((byte, index) => info[start + index] === byte) ? start : info.length;
}

/**
 * To be thrown where a keyring recognises none of an item's encrypted data keys: it shows both sides' keys.
 *
 * @param keyNames the keyring's; `undefined` where it does not tell
 */
export function noKeyMatches(
  encryptedDataKeys: readonly EncryptedDataKey[],
  keyNames: readonly string[] | undefined,
): DynasealError<"ERR_NO_KEY_MATCHES"> {
  const shown = encryptedDataKeys.slice(0, maximumNames);
  const details = {
    keyProviderIds: shown.map((key) => key.keyProviderId),
    itemKeys: shown.map(storedKeyName),
    keyringKeys: (keyNames ?? []).slice(0, maximumNames),
  };
  return new DynasealError("ERR_NO_KEY_MATCHES", { details });
}
