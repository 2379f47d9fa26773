import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Randomness, systemRandomness } from "../../src/crypto/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { openKeyStore } from "../../src/keystore/dynamodb-branch-key-store.ts";
import { type BranchKeyStore, branchKeyStore } from "../../src/keystore/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";
import { type JavaHierarchicalKeyring, javaHierarchicalKeyring } from "../support/java-key-store.ts";
import { keyStoreTable } from "../support/key-store-servers.ts";
import { type RecordedKms, type RecordedKmsCall, recordedKmsCalls, startRecordedKms } from "../support/recorded-kms.ts";
import { readVectors } from "../support/vectors.ts";

interface JavaKeyStoreVectors {
  readonly kmsKeyArn: string;
  readonly kmsReplicaArn: string;
  readonly keyStore: { readonly tableName: string; readonly logicalKeyStoreName: string };
  readonly keyStoreRows: readonly JsonItem[];
  readonly keys: readonly {
    readonly branchKeyId: string;
    readonly type: string;
    readonly key: string;
    readonly encryptionContext: Readonly<Record<string, string>>;
  }[];
  readonly createCalls: readonly unknown[];
  readonly versionCalls: readonly unknown[];
  readonly cases: readonly {
    readonly name: string;
    readonly config: JavaConfig;
    readonly plaintext?: JsonItem;
    readonly encrypted?: JsonItem;
    readonly decrypted?: JsonItem;
    readonly alsoDecryptWith?: readonly { readonly why: string; readonly config: JavaConfig }[];
    readonly items?: readonly { readonly stored: JsonItem; readonly decrypted: JsonItem }[];
  }[];
}

const vectors = readVectors<JavaKeyStoreVectors>("java/hierarchical-kms.json");
const { tableName, logicalKeyStoreName } = vectors.keyStore;
const emptyTable = "EmptyKeyStore";
let kms: RecordedKms;
let tables: LocalGlobalTable;
const clients: { destroy(): void }[] = [];

function dynamoDb(region: string): DynamoDBClient {
  const client = new DynamoDBClient(tables.clientConfig(region));
  clients.push(client);
  return client;
}

function clientSupplier(region: string): KMSClient {
  const client = new KMSClient(kms.clientConfig(region));
  clients.push(client);
  return client;
}

/** The replica's calls were not recorded: they are the primary's, but for Region and KeyId. */
function asReplica(call: RecordedKmsCall): RecordedKmsCall {
  const KeyId = vectors.kmsReplicaArn;
  return { ...call, region: "eu-west-1", request: { ...call.request, KeyId }, response: { ...call.response, KeyId } };
}

beforeAll(async () => {
  const recorded = recordedKmsCalls(vectors);
  kms = await startRecordedKms([...recorded, ...recorded.filter(({ operation }) => operation === "Decrypt").map(asReplica)]);
  tables = await startLocalGlobalTable({
    regions: ["us-east-1", "eu-west-1"],
    tables: [keyStoreTable(tableName), keyStoreTable(emptyTable)],
  });
  const client = dynamoDb("us-east-1");
  for (const row of vectors.keyStoreRows) await client.send(new PutItemCommand({ TableName: tableName, Item: { ...itemFromJson(row) } }));
  await tables.settled();
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await Promise.all([kms.stop(), tables.stop()]);
});

// @see framework/branch-key-store.md "ACTIVE Encryption Context", "DECRYPT_ONLY Encryption Context", "Beacon Key Encryption Context"
// @see framework/branch-key-store.md "Branch Key Materials From Authenticated Encryption Context"
// @see framework/branch-key-store.md "Custom Encryption Context From Authenticated Encryption Context"
// @see framework/structures.md "Branch Key", "Branch Key Version"
describe("rows that Java made", () => {
  it.each(vectors.keys.map((key) => [key.type, key.branchKeyId, key] as const))("%s of %s", async (type, branchKeyId, expected) => {
    const store = branchKeyStore({
      tableName,
      logicalKeyStoreName,
      client: dynamoDb("us-east-1"),
      kms: { keyArn: vectors.kmsKeyArn, clientSupplier },
    });
    const [, branchKeyVersion = ""] = type.split("branch:version:");
    const bytes = async (): Promise<[Uint8Array, unknown]> => {
      if (type === "beacon:ACTIVE") {
        const { beaconKey, encryptionContext } = await store.getBeaconKey({ branchKeyId });
        return [beaconKey.reveal(), encryptionContext];
      }
      const read =
        type === "branch:ACTIVE" ? store.getActiveBranchKey({ branchKeyId }) : store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
      const { branchKey, encryptionContext } = await read;
      return [branchKey.reveal(), encryptionContext];
    };
    const [key, context] = await bytes();
    expect(Buffer.from(key).toString("base64")).toBe(expected.key);
    expect({ ...(context as object) }).toEqual(expected.encryptionContext);
  });
});

describe("rows that we make", () => {
  it("are byte for byte those of Java, by the same KMS calls in the same order", async () => {
    // What Java drew, from the rows; what it asked KMS, from the recordings.
    const uuids = [
      "d95bbb21-fab2-4fef-99f0-c59204eef075",
      "3c386224-9004-42e2-bb94-0b3ea566019e",
      "87c51fb7-888b-4e0c-8a15-d9ba3450e461",
      "954fe2f4-7e3c-40cb-9c90-c6ddbabaad2f",
    ];
    const microseconds = [9, 157, 449];
    const randomness: Randomness = { bytes: systemRandomness.bytes, uuid: () => uuids.shift() ?? "" };
    const clock = { now: () => Date.UTC(2026, 10, 23, 21, 44, 30) + (microseconds.shift() ?? 0) / 1000 };
    const store = openKeyStore(
      {
        tableName: emptyTable,
        logicalKeyStoreName,
        client: dynamoDb("us-east-1"),
        kms: { keyArn: vectors.kmsKeyArn, clientSupplier },
        keyStoreId: "vectors",
        clock,
      },
      randomness,
    );
    const before = kms.answered.length;
    const { branchKeyId } = await store.createKey();
    await store.createKey({ branchKeyId: "tenant é", encryptionContext: { kind: "test", tenant: "é" }, conflictCheckSeconds: 0 });
    await store.versionKey({ branchKeyId });
    expect(kms.answered.slice(before)).toEqual([...vectors.createCalls, ...vectors.versionCalls]);
    const text = (row: JsonItem): string => JSON.stringify(itemToJson(itemFromJson(row)));
    const made = (await tables.rawItems("us-east-1", emptyTable)).map((row) => JSON.stringify(itemToJson(row)));
    expect(made.toSorted()).toEqual(vectors.keyStoreRows.map(text).toSorted());
  });
});

describe("items that Java wrote under these keys", () => {
  const keyringOf = (config: JavaConfig) => {
    const keyring = config.keyring as unknown as JavaHierarchicalKeyring;
    const { region = "us-east-1", kmsKeyArn, kmsMRKeyArn } = keyring.keyStore as unknown as Record<string, string | undefined>;
    const store: BranchKeyStore = branchKeyStore({
      tableName,
      logicalKeyStoreName,
      client: dynamoDb(region),
      kms: kmsMRKeyArn === undefined ? { keyArn: kmsKeyArn ?? "", clientSupplier } : { mrkArn: kmsMRKeyArn, clientSupplier },
    });
    return javaHierarchicalKeyring(keyring, store);
  };
  const items = vectors.cases.flatMap(
    ({ name, config, plaintext = {}, encrypted, decrypted = plaintext, alsoDecryptWith = [], items: more = [] }) => [
      ...(encrypted === undefined ? [] : [{ name, config, encrypted, decrypted }]),
      ...(encrypted === undefined
        ? []
        : alsoDecryptWith.map((also) => ({ name: `${name}, ${also.why}`, config: also.config, encrypted, decrypted }))),
      ...more.map((item, index) => ({ name: `${name}, item ${index}`, config, encrypted: item.stored, decrypted: item.decrypted })),
    ],
  );

  it.each(items.map((item) => [item.name, item] as const))("%s", async (_, { config, encrypted, decrypted }) => {
    const cryptography = cryptographyOf(config, keyringOf(config));
    const read = await decryptItem(cryptography, itemFromJson(encrypted), {});
    expect(itemToJson(read.item)).toEqual(itemToJson(itemFromJson(decrypted)));
    const again = await encryptItem(cryptography, read.item, {});
    expect(itemToJson((await decryptItem(cryptography, again.item, {})).item)).toEqual(itemToJson(read.item));
  });
});
