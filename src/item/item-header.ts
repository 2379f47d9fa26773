import { type AttributeMap, attributeMap, deserializeAttributeValue, type Terminal } from "../attributes/index.ts";
import { decodeUtf8 } from "../bytes/index.ts";
import { parseKmsKeyArn } from "../kms/index.ts";
import { branchKeyOf, type EncryptedDataKey, type EncryptionContext } from "../materials/index.ts";
import type { PartialHeader, SignedAction } from "../structure/index.ts";

/** An encrypted data key as a header shows it. */
export interface HeaderDataKey {
  readonly keyProviderId: string;
  readonly keyProviderInfo: Uint8Array;
  /** KMS keyrings only: the provider info as text. */
  readonly keyArn?: string;
  /** KMS keyrings only: the Region of `keyArn`. */
  readonly region?: string;
  /** Hierarchical keyring only. */
  readonly branchKeyId?: string;
  /** Hierarchical keyring only: a UUID. */
  readonly branchKeyVersion?: string;
  readonly encryptedDataKey: Uint8Array;
}

/**
 * What `header` of an item says; holds no key.
 *
 * @see specification/dynamodb-encryption-client/decrypt-item.md "Parsed Header"
 * @see specification/dynamodb-encryption-client/encrypt-item.md "Parsed Header"
 * @see specification/structured-encryption/decrypt-path-structure.md "Parsed Header"
 */
export interface ItemHeader {
  readonly formatVersion: 1 | 2;
  readonly algorithmSuiteId: "0x6700" | "0x6701";
  /** What the legend says of each signed attribute, by its name. Has no prototype. */
  readonly attributeActionsOnEncrypt: Readonly<Record<string, SignedAction>>;
  /** The whole context that was authenticated. */
  readonly encryptionContext: EncryptionContext;
  /** The part of it that the header stores. */
  readonly storedEncryptionContext: EncryptionContext;
  /** The attributes that a branch key id supplier gets: the keys and, in format 2, those in the encryption context. */
  readonly selectorContext: AttributeMap;
  readonly encryptedDataKeys: readonly HeaderDataKey[];
}

export interface ItemHeaderParts {
  readonly parsed: PartialHeader;
  readonly materials: { readonly encryptionContext: EncryptionContext };
  readonly actions: ReadonlyMap<string, SignedAction>;
  /** Terminals of the selector context. */
  readonly selector: ReadonlyMap<string, Terminal>;
}

/** Most callers never look at it, so its members are made when they are read, from bytes that nobody else holds. */
export function itemHeader({ parsed, materials, actions, selector }: ItemHeaderParts): ItemHeader {
  const actionsByName = once(() => byName(actions));
  const selectorContext = once(() => attributeMap([...selector].map(([name, value]) => [name, deserializeAttributeValue(value)])));
  const encryptedDataKeys = once(() => parsed.encryptedDataKeys.map(headerDataKey));
  return {
    formatVersion: parsed.formatVersion,
    algorithmSuiteId: parsed.algorithmSuite.id,
    get attributeActionsOnEncrypt() {
      return actionsByName();
    },
    encryptionContext: materials.encryptionContext,
    storedEncryptionContext: parsed.encryptionContext,
    get selectorContext() {
      return selectorContext();
    },
    get encryptedDataKeys() {
      return encryptedDataKeys();
    },
  };
}

/** Actions by name, without prototype. */
export function byName(actions: Iterable<readonly [string, SignedAction]>): Readonly<Record<string, SignedAction>> {
  const map = Object.create(null) as Record<string, SignedAction>;
  for (const [name, action] of actions) map[name] = action;
  return map;
}

export function headerDataKey(key: EncryptedDataKey): HeaderDataKey {
  return {
    keyProviderId: key.keyProviderId,
    keyProviderInfo: Uint8Array.from(key.keyProviderInfo),
    ...kmsKeyOf(key),
    ...branchKeyOf(key),
    encryptedDataKey: Uint8Array.from(key.ciphertext),
  };
}

function kmsKeyOf({ keyProviderId, keyProviderInfo }: EncryptedDataKey): { readonly keyArn: string; readonly region: string } | undefined {
  if (!keyProviderId.startsWith("aws-kms")) return undefined;
  const arn = parseKmsKeyArn(decodeUtf8(keyProviderInfo) ?? "");
  return arn && { keyArn: arn.text, region: arn.region };
}

function once<Value extends object>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
