import { describe, expect, it } from "vitest";
import { itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import type { DynasealEvent, Keyring } from "../../src/materials/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(4) });
const schema = { tableName: "customers", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" } };
const item = { id: { S: "1" }, email: { S: "a@example.com" } };

describe("acceptAlgorithmSuites", () => {
  it("refuses an item under another suite before any key is asked for", async () => {
    const { item: forged } = await itemEncryptor({ schema: { ...schema, algorithmSuite: "HMAC" }, keyring }).encryptItem(item);
    const silent: Keyring = { onEncrypt: (materials) => Promise.resolve(materials), onDecrypt: () => Promise.reject(new Error("asked")) };
    const strict = itemEncryptor({ schema: { ...schema, acceptAlgorithmSuites: ["ECDSA"] }, keyring: silent });
    await expect(strict.decryptItem(forged)).rejects.toMatchObject({
      code: "ERR_SUITE_NOT_ACCEPTED",
      details: { tableName: "customers", algorithmSuite: "HMAC", accepted: ["ECDSA"] },
    });
  });

  it("refuses ECDSA items under a schema that accepts HMAC alone", async () => {
    const { item: signed } = await itemEncryptor({ schema, keyring }).encryptItem(item);
    const hmacOnly = itemEncryptor({ schema: { ...schema, algorithmSuite: "HMAC", acceptAlgorithmSuites: ["HMAC"] }, keyring });
    await expect(hmacOnly.decryptItem(signed)).rejects.toMatchObject({ code: "ERR_SUITE_NOT_ACCEPTED" });
  });

  it.each([
    ["absent, HMAC item under an ECDSA schema", "HMAC", "ECDSA", undefined, 1],
    ["absent, ECDSA item under an ECDSA schema", "ECDSA", "ECDSA", undefined, 0],
    ["absent, ECDSA item under an HMAC schema", "ECDSA", "HMAC", undefined, 0],
    ["absent, HMAC item under an HMAC schema", "HMAC", "HMAC", undefined, 0],
    ["both named", "HMAC", "ECDSA", ["ECDSA", "HMAC"], 0],
  ] as const)("raises weaker-suite-read exactly where the schema leaves it open: %s", async (_, written, own, accepted, count) => {
    const { item: stored } = await itemEncryptor({ schema: { ...schema, algorithmSuite: written }, keyring }).encryptItem(item);
    const events: DynasealEvent[] = [];
    const accept = accepted === undefined ? {} : { acceptAlgorithmSuites: accepted };
    const reader = itemEncryptor({
      schema: { ...schema, algorithmSuite: own, ...accept },
      keyring,
      onEvent: (event) => events.push(event),
    });
    expect({ ...(await reader.decryptItem(stored)).item }).toEqual(item);
    expect(events).toEqual(
      Array.from({ length: count }, () => ({ type: "weaker-suite-read", tableName: "customers", algorithmSuiteId: "0x6700" })),
    );
  });

  it("raises nothing for an item that does not authenticate", async () => {
    const { item: stored } = await itemEncryptor({ schema: { ...schema, algorithmSuite: "HMAC" }, keyring }).encryptItem(item);
    const events: DynasealEvent[] = [];
    const reader = itemEncryptor({ schema, keyring, onEvent: (event) => events.push(event) });
    await expect(reader.decryptItem({ ...stored, id: { S: "2" } })).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    expect(events).toEqual([]);
  });
});
