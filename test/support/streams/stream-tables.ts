import { type AttributeMap, defineTable, itemEncryptor, type Keyring, rawAesKeyring, type TableSchema } from "../../../src/index.ts";

/** Stands in every encrypted attribute of these tests; must be in no error, and in no stored image. */
export const canary = "canary@example.com";

export const customers: TableSchema = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  sortKey: "recordId",
  attributes: {
    email: "ENCRYPT_AND_SIGN",
    photo: "ENCRYPT_AND_SIGN",
    tags: "ENCRYPT_AND_SIGN",
    tier: "SIGN_ONLY",
    version: "SIGN_ONLY",
    visits: "DO_NOTHING",
  },
  algorithmSuite: "HMAC",
});

export const wrappingKey: Uint8Array = new Uint8Array(32).fill(7);

export function streamKeyring(keyName = "streams"): Keyring {
  return rawAesKeyring({ keyNamespace: "test", keyName, wrappingKey });
}

/** One customer's item, in clear. */
export function customer(customerId: string, version: number, more: AttributeMap = {}): AttributeMap {
  return {
    customerId: { S: customerId },
    recordId: { N: "1" },
    email: { S: canary },
    photo: { B: Uint8Array.of(0, 255, version) },
    tier: { S: "gold" },
    version: { N: String(version) },
    visits: { N: "3" },
    ...more,
  };
}

export function keysOf({ customerId, recordId }: AttributeMap): AttributeMap {
  return { customerId: customerId ?? { S: "" }, recordId: recordId ?? { N: "" } };
}

/** The item as the table stores it. */
export async function stored(
  item: AttributeMap,
  options: { readonly schema?: TableSchema; readonly keyring?: Keyring } = {},
): Promise<AttributeMap> {
  const { schema = customers, keyring = streamKeyring() } = options;
  return (await itemEncryptor({ schema, keyring }).encryptItem(item)).item;
}
