import { itemFromJson, itemToJson, type JsonItem } from "./dynamodb-json.ts";
import type { PeerConfig, PeerHeader } from "./java-peer.ts";
import { readVectors } from "./vectors.ts";

/** What Java threw. */
export interface VectorError {
  readonly type: string;
  readonly message: string;
}

/** A case of `items.json`. */
export interface ItemVector {
  readonly name: string;
  readonly config: PeerConfig;
  readonly plaintext: JsonItem;
  readonly encrypted: JsonItem;
  /** What decrypting gives, where it is not the plaintext. */
  readonly decrypted?: JsonItem;
  readonly header?: PeerHeader;
  readonly alsoDecryptWith?: readonly { readonly why: string; readonly config: PeerConfig; readonly error?: VectorError }[];
  /** Only where the configuration overrides the policy on plaintext. */
  readonly storedAsPlaintext?: boolean;
}

/** A case of `negative.json`: an error, or what decrypting gives. */
export interface NegativeVector {
  readonly name: string;
  readonly config: PeerConfig;
  readonly item: JsonItem;
  readonly error?: VectorError;
  readonly decrypted?: JsonItem;
}

/** A case of `encrypt-errors.json`. */
export interface EncryptVector {
  readonly name: string;
  readonly config: PeerConfig;
  readonly item: JsonItem;
  readonly error?: VectorError;
  readonly decrypted?: JsonItem;
}

/** A case of `configs.json`: the error, or null, of the item encryptor and of the client. */
export interface ConfigVector {
  readonly name: string;
  readonly config: PeerConfig;
  readonly item: VectorError | null;
  readonly client: VectorError | null;
}

/** A request and what the interceptor makes of it. */
export interface RequestVector {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: VectorError;
}

/** A case of `beacons.json`. */
export interface BeaconVector {
  readonly name: string;
  readonly config: PeerConfig;
  readonly configError?: VectorError;
  readonly items?: readonly { readonly plaintext: JsonItem; readonly resolved?: unknown }[];
  readonly requests?: readonly RequestVector[];
}

export function javaVectors<Vector>(file: string): readonly Vector[] {
  return readVectors<{ readonly cases: readonly Vector[] }>(`java/${file}`).cases;
}

/** An item in the order of its names, as `itemToJson` writes it. */
export function sortedItem(json: JsonItem): JsonItem {
  return itemToJson(itemFromJson(json));
}
