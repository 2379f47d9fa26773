import { type AttributeMap, copyAttributeMap } from "../attributes/index.ts";
import { systemRandomness } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import {
  type CryptographicMaterialsManager,
  cmmOf,
  type EventListener,
  eventListener,
  type Keyring,
  type KeyringCall,
  limitedCmm,
  requireMaximum,
} from "../materials/index.ts";
import { tablePlan } from "../schema/index.ts";
import { decryptItem } from "./decrypt-item.ts";
import { type Document, documentOf, itemOf } from "./document.ts";
import { encryptItem } from "./encrypt-item.ts";
import { type ItemResult, itemCryptography } from "./item-cryptography.ts";
import type { ItemHeader } from "./item-header.ts";
import { refuseJsonItem, requireItem } from "./other-formats.ts";

export interface ItemEncryptorOptions {
  /** A `defineTable` or `parseSchema` result, or parsed JSON, which is checked here. */
  readonly schema: unknown;
  /** A keyring, or a CMM such as `requiredEncryptionContextCmm` gives. */
  readonly keyring: Keyring | CryptographicMaterialsManager;
  /** How many encrypted data keys an item may have, read or written; default 32, `Infinity`: any number. */
  readonly maxEncryptedDataKeys?: number;
  /** Needed where the schema's `plaintextOverride` reads plaintext. */
  readonly acknowledgePlaintext?: boolean;
  /** The Region whose replica multi-Region keyrings use; by default that of their KMS client. */
  readonly region?: string;
  readonly onEvent?: EventListener;
}

export interface DocumentResult {
  /** Native values; numbers as `util-dynamodb` gives them, binary as `Uint8Array`, sets as `Set`. */
  readonly item: Document;
  readonly header: ItemHeader | undefined;
}

/** What concerns one call of an {@link ItemEncryptor} only. */
export interface ItemCallOptions {
  /** Aborts the call, also while it waits for KMS: `ERR_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface ItemEncryptor {
  /** On AttributeValue maps; see `encryptItem` of the item room for codes. */
  encryptItem(item: AttributeMap, options?: ItemCallOptions): Promise<ItemResult>;
  decryptItem(item: AttributeMap, options?: ItemCallOptions): Promise<ItemResult>;
  /** On native objects, such as a DynamoDBDocumentClient takes and gives. */
  encryptDocument(document: Document, options?: ItemCallOptions): Promise<DocumentResult>;
  decryptDocument(document: Document, options?: ItemCallOptions): Promise<DocumentResult>;
}

/**
 * Encrypts and decrypts single items of one table where no DynamoDB client is involved: streams, exports, queues.
 *
 * @example
 * ```ts
 * import { itemEncryptor, rawAesKeyring } from "dynaseal";
 * import { loadSchemas } from "dynaseal/node";
 *
 * const [schema] = loadSchemas("schemas/customers.table.json");
 * const keyring = rawAesKeyring({ keyNamespace: "customers", keyName: "2026", wrappingKey: new Uint8Array(32) });
 * if (schema !== undefined) {
 *   const encryptor = itemEncryptor({ schema, keyring });
 *   const { item: stored } = await encryptor.encryptItem({ customerId: { S: "c1" }, email: { S: "ann@example.com" } });
 *   const { item: plain } = await encryptor.decryptItem(stored);
 *   console.log(Object.keys(plain));
 * }
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_SCHEMA_INVALID, ERR_PLAINTEXT_NOT_ACKNOWLEDGED
 * @see specification/dynamodb-encryption-client/ddb-item-encryptor.md
 * @see specification/dynamodb-encryption-client/ddb-item-encryptor.md "Initialization", "EncryptItem", "DecryptItem"
 */
export function itemEncryptor(options: ItemEncryptorOptions): ItemEncryptor {
  const { schema, keyring, acknowledgePlaintext = false, region, onEvent } = options;
  const plan = tablePlan(schema, { acknowledgePlaintext });
  const cmm = limitedCmm(cmmOf(keyring), requireMaximum("maxEncryptedDataKeys", options.maxEncryptedDataKeys));
  const cryptography = itemCryptography({ plan, cmm, randomness: systemRandomness });
  const callOf = ({ signal }: ItemCallOptions = {}): KeyringCall => {
    if (signal?.aborted) throw new DynasealError("ERR_ABORTED", { details: {}, cause: signal.reason });
    return { region, onEvent: eventListener(onEvent), signal };
  };
  return Object.freeze<ItemEncryptor>({
    // Asynchronous, so that a refusal is a rejection; but they have copied before they give the promise.
    encryptItem: async (item, options) => {
      requireItem(item);
      return encryptItem(cryptography, copyAttributeMap(item), callOf(options));
    },
    decryptItem: async (item, options) => {
      requireItem(item);
      // What is still text is refused as that, and not for the first value that is no AttributeValue.
      refuseJsonItem(item);
      return decryptItem(cryptography, copyAttributeMap(item), callOf(options));
    },
    encryptDocument: async (document, options) =>
      inDocument(await encryptItem(cryptography, copyAttributeMap(itemOf(document)), callOf(options))),
    decryptDocument: async (document, options) =>
      inDocument(await decryptItem(cryptography, copyAttributeMap(itemOf(document)), callOf(options))),
  });
}

function inDocument({ item, header }: ItemResult): DocumentResult {
  return { item: documentOf(item), header };
}
