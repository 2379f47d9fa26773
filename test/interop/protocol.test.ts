import { afterAll, describe, expect, it } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { itemToJson } from "../support/dynamodb-json.ts";
import { JavaError, type PeerConfig, startJavaPeer } from "../support/java-peer.ts";

const config: PeerConfig = {
  logicalTableName: "Protocol",
  partitionKeyName: "pk",
  algorithmSuiteId: "0x6700",
  attributeActionsOnEncrypt: { pk: "SIGN_ONLY", secret: "ENCRYPT_AND_SIGN" },
  keyring: { type: "raw-aes", keyNamespace: "protocol", keyName: "key", wrappingKey: Buffer.alloc(32, 7).toString("base64") },
};
const item: AttributeMap = { pk: { S: "1" }, secret: { S: "x" } };

describe("the Java peer", () => {
  const peer = startJavaPeer();
  afterAll(() => peer.stop());

  it("answers many requests at a time, each its own", async () => {
    const numbers = Array.from({ length: 200 }, (_, number) => String(number));
    const read = await Promise.all(
      numbers.map(async (N) => {
        const { item: stored } = await peer.encryptItem(config, { pk: { S: "1" }, secret: { N } });
        return (await peer.decryptItem(config, stored)).item["secret"];
      }),
    );
    expect(read).toEqual(numbers.map((N) => ({ N })));
  });

  it("describes the data keys of an item", async () => {
    const { item: stored } = await peer.encryptItem(config, item);
    expect(await peer.describeItem(stored)).toEqual([{ keyProviderId: "protocol" }]);
  });

  it("hands on what the library throws, and serves on", async () => {
    const error = await peer.decryptItem(config, item).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JavaError);
    expect(error).toMatchObject({ type: "DynamoDbItemEncryptorException", message: expect.stringContaining("missing expected header") });
    expect(itemToJson((await peer.decryptItem(config, (await peer.encryptItem(config, item)).item)).item)).toEqual(itemToJson(item));
  });

  it("goes nowhere without an endpoint", async () => {
    const request = { configs: [config], action: "getItem", params: { TableName: "Protocol", Key: { pk: { S: "1" } } } };
    await expect(peer.client(request)).rejects.toMatchObject({ type: "SdkClientException" });
  });
});

describe("a Java peer that is not there", () => {
  it("refuses requests once stopped, and says so", async () => {
    const peer = startJavaPeer();
    await peer.encryptItem(config, item);
    await peer.stop();
    await expect(peer.encryptItem(config, item)).rejects.toThrow(/ended with 0/);
  });

  it("gives up on an answer that takes too long", async () => {
    const peer = startJavaPeer({ timeout: 1 });
    await expect(peer.encryptItem(config, item)).rejects.toThrow(/did not answer "encryptItem" in 1 ms/);
    await peer.stop();
  });
});
