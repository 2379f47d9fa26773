import { describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";
import { itemFromJson, itemToJson, type JsonItem, type JsonValue } from "../support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";
import { normalItem } from "../support/normal-item.ts";
import { readVectors } from "../support/vectors.ts";

type OfficialConfig = Pick<JavaConfig, "attributeActionsOnEncrypt" | "allowedUnsignedAttributes" | "algorithmSuiteId">;

interface DecryptVectors {
  readonly tests: Readonly<
    Record<
      string,
      {
        readonly type: "positive-decrypt" | "negative-decrypt";
        readonly description: string;
        readonly config: OfficialConfig;
        readonly plaintext: Readonly<Record<string, unknown>>;
        readonly encrypted: JsonItem;
      }
    >
  >;
}

interface IoTest {
  readonly DecryptTests: readonly {
    readonly Config: OfficialConfig;
    readonly EncryptedRecords: readonly JsonItem[];
    readonly PlainTextRecords: readonly Readonly<Record<string, unknown>>[];
  }[];
  readonly WriteTests: readonly { readonly Config: OfficialConfig; readonly Records: readonly Readonly<Record<string, unknown>>[] }[];
}

const keyName = "static-branch-key-1";
const staticKey =
  readVectors<{ keys: Readonly<Record<string, Readonly<Record<string, string>>>> }>("official/keys.json").keys[keyName] ?? {};
const bytes = (base64 = ""): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

function keyring(): Keyring {
  const { "key-id": branchKeyId = "", branchKeyVersion: activeVersion = "" } = staticKey;
  const key = {
    branchKeyId,
    activeVersion,
    versions: { [activeVersion]: bytes(staticKey["branchKey"]) },
    beaconKey: bytes(staticKey["beaconKey"]),
  };
  return awsKmsHierarchicalKeyring({ keyStore: staticBranchKeyStore([key], { logicalKeyStoreName: "static" }), branchKeyId });
}

function configOf(config: OfficialConfig): JavaConfig {
  const suite = config.algorithmSuiteId;
  return {
    ...config,
    logicalTableName: "GazelleVectorTable",
    partitionKeyName: "RecNum",
    algorithmSuiteId: suite !== undefined && !suite.includes("ECDSA") ? "0x6700" : "0x6701",
    keyring: { type: "hierarchical" },
  };
}

/** AWS writes S and N as plain JSON, everything else by its type. */
function fullValue(short: unknown): JsonValue {
  if (typeof short === "string") return { S: short };
  if (typeof short === "number") return { N: String(short) };
  const [[type, content] = ["", undefined]] = Object.entries(short as Record<string, unknown>);
  if (type === "L") return { L: (content as unknown[]).map(fullValue) };
  if (type === "M") return { M: itemOf(content as Record<string, unknown>) };
  return { [type]: type === "NS" ? (content as unknown[]).map(String) : content };
}

function itemOf(short: Readonly<Record<string, unknown>>): JsonItem {
  return Object.fromEntries(Object.entries(short).map(([name, value]) => [name, fullValue(value)]));
}

/** Both sides in normal form: whether an attribute was encrypted is what some of the cases change. */
function comparable(item: JsonItem): JsonItem {
  const attributeActionsOnEncrypt = Object.fromEntries(Object.keys(item).map((name) => [name, "ENCRYPT_AND_SIGN" as const]));
  return itemToJson(normalItem({ ...configOf({ attributeActionsOnEncrypt }) }, itemFromJson(item)));
}

describe.each(["decrypt_java_32", "decrypt_java_33", "decrypt_dotnet_32", "decrypt_dotnet_33"])("%s", (file) => {
  const { tests } = readVectors<DecryptVectors>(`official/${file}.json`);
  it.each(Object.entries(tests).map(([number, test]) => [number, test.description, test] as const))(
    "%s %s",
    async (_number, _description, test) => {
      const read = decryptItem(cryptographyOf(configOf(test.config), keyring()), itemFromJson(test.encrypted), {});
      if (test.type === "negative-decrypt") await expect(read).rejects.toMatchObject({ code: "ERR_LEGEND_MISMATCH" });
      else expect(comparable(itemToJson((await read).item))).toEqual(comparable(itemOf(test.plaintext)));
    },
  );
});

describe("iotest", () => {
  const { DecryptTests, WriteTests } = readVectors<IoTest>("official/iotest.json");

  it.each(DecryptTests.map((test, index) => [index, test] as const))(
    "DecryptTests %i",
    async (_, { Config, EncryptedRecords, PlainTextRecords }) => {
      expect(EncryptedRecords).toHaveLength(PlainTextRecords.length);
      for (const [index, record] of EncryptedRecords.entries()) {
        const { item } = await decryptItem(cryptographyOf(configOf(Config), keyring()), itemFromJson(record), {});
        expect(comparable(itemToJson(item))).toEqual(comparable(itemOf(PlainTextRecords[index] ?? {})));
      }
    },
  );

  it.each(WriteTests.map((test, index) => [index, test] as const))("WriteTests %i", async (_, { Config, Records }) => {
    const cryptography = cryptographyOf(configOf(Config), keyring());
    for (const record of Records) {
      const { item: stored } = await encryptItem(cryptography, itemFromJson(itemOf(record)), {});
      const { item } = await decryptItem(cryptography, stored, {});
      expect(comparable(itemToJson(item))).toEqual(comparable(itemOf(record)));
    }
  });
});
