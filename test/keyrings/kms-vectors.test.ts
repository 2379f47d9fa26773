import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import {
  awsKmsKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  awsKmsMrkMultiKeyring,
  multiKeyring,
} from "../../src/keyrings/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig, type JavaKeyring, keyringOf } from "../support/java-config.ts";
import { type RecordedKms, type RecordedKmsCall, recordedKmsCalls, startRecordedKms } from "../support/recorded-kms.ts";
import { readVectors } from "../support/vectors.ts";

interface KmsVector {
  readonly name: string;
  readonly config: JavaConfig;
  readonly plaintext: JsonItem;
  readonly encrypted: JsonItem;
  readonly header: { readonly encryptedDataKeys: readonly { readonly keyProviderId: string; readonly keyProviderInfo: string }[] };
  readonly kmsCalls: readonly RecordedKmsCall[];
  readonly alsoDecryptWith?: readonly { readonly why: string; readonly config: JavaConfig }[];
}

const vectors = readVectors<{ cases: readonly KmsVector[] }>("java/kms.json").cases;
let kms: RecordedKms;

beforeAll(async () => {
  kms = await startRecordedKms(recordedKmsCalls(vectors));
});
afterAll(() => kms.stop());

/** The keyring of a vector, asked where the vector's calls were recorded. */
function recordedKeyring(config: JavaKeyring): Keyring {
  const region = (config["region"] as string | undefined) ?? "us-east-1";
  const options = { region, clientSupplier: (of: string) => new KMSClient({ ...kms.clientConfig(of), maxAttempts: 1 }) };
  const keyId = config["kmsKeyId"] as string;
  const keyIds = config["kmsKeyIds"] as readonly string[];
  switch (config.type) {
    case "kms":
      return awsKmsKeyring({ ...options, keyId });
    case "kms-mrk":
      return awsKmsMrkKeyring({ ...options, keyId });
    case "kms-mrk-multi":
      return awsKmsMrkMultiKeyring({ ...options, generator: config["generator"] as string, keyIds });
    case "kms-mrk-discovery":
      return awsKmsMrkDiscoveryKeyring({ ...options, discoveryFilter: config["discoveryFilter"] as { accountIds: string[] } });
    case "multi":
      return multiKeyring({
        generator: recordedKeyring(config["generator"] as JavaKeyring),
        children: (config["childKeyrings"] as readonly JavaKeyring[]).map(recordedKeyring),
      });
    default:
      return keyringOf(config);
  }
}

// @see framework/algorithm-suites.md "Intermediate Key Wrapping", "Wrapped Plaintext Data Key"
describe("items that Java wrote under KMS", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))(
    "%s",
    async (_name, { config, plaintext, encrypted, alsoDecryptWith = [] }) => {
      const stored = itemFromJson(encrypted);
      for (const { why, config: reader } of [{ why: "as written", config }, ...alsoDecryptWith]) {
        const cryptography = cryptographyOf(reader, recordedKeyring(reader.keyring));
        const { item } = await decryptItem(cryptography, stored, {});
        expect(itemToJson(item), why).toEqual(itemToJson(itemFromJson(plaintext)));
      }
    },
  );

  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s: one configuration in both Regions", async (_name, vector) => {
    const readers = (vector.alsoDecryptWith ?? []).filter(({ config }) => config.keyring.type === "kms-mrk");
    for (const { config } of readers) {
      const [, arn] = JSON.stringify(vector.config.keyring).match(/"(arn:aws:kms:us-east-1:\d+:key\/mrk-[0-9a-f]+)"/) ?? [];
      const keyring = recordedKeyring({ ...config.keyring, kmsKeyId: arn });
      const { item } = await decryptItem(cryptographyOf(config, keyring), itemFromJson(vector.encrypted), {});
      expect(itemToJson(item)).toEqual(itemToJson(itemFromJson(vector.plaintext)));
    }
  });

  // A new signing key stands in the context of an ECDSA item, which no recording can hold.
  const hmac = vectors.filter(({ config }) => config.algorithmSuiteId === "0x6700");

  it.each(hmac.map((vector) => [vector.name, vector] as const))("%s: we ask KMS what Java asked", async (_name, vector) => {
    const cryptography = cryptographyOf(vector.config, recordedKeyring(vector.config.keyring));
    const before = kms.answered.length;
    const ours = await encryptItem(cryptography, itemFromJson(vector.plaintext), {});
    const { item, header } = await decryptItem(cryptography, ours.item, {});
    expect(itemToJson(item)).toEqual(itemToJson(itemFromJson(vector.plaintext)));
    expect(header?.encryptedDataKeys.map((key) => key.keyProviderId)).toEqual(
      vector.header.encryptedDataKeys.map((key) => key.keyProviderId),
    );
    const asked = kms.answered.slice(before).map(({ operation, request }) => ({ operation, request }));
    expect(asked).toEqual(vector.kmsCalls.map(({ operation, request }) => ({ operation, request })));
  });
});
