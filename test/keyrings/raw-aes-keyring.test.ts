import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecdsaSuite, hmacSuite } from "../../src/crypto/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { encryptionContextOf } from "../../src/materials/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, withKey } from "../support/keyring-round-trip.ts";

const key = (length = 32, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);
const keyring = rawAesKeyring({ keyNamespace: "tests", keyName: "key-1", wrappingKey: key() });

// @see framework/keyring-interface.md "key namespace", "key name", "key provider ID", "key provider info"
// @see framework/raw-aes-keyring.md "Changelog", "Wrapping Key", "Wrapping Algorithm", "Authentication Tag Length", "IV Length"
// @see framework/raw-aes-keyring.md "OnEncrypt", "OnDecrypt"
describe("rawAesKeyring", () => {
  it.each([16, 24, 32])("decrypt inverts encrypt with %i bytes", async (length) => {
    const one = rawAesKeyring({ keyNamespace: "nämespace 😀", keyName: "näme", wrappingKey: key(length) });
    await expectRoundTrip(one, one, { suite: hmacSuite });
    await expectRoundTrip(one, one, { suite: ecdsaSuite });
  });

  it("lays its encrypted data key out as specified", async () => {
    const { keyProviderId, keyProviderInfo, ciphertext } = onlyKey(await encryptWith(keyring));
    expect(keyProviderId).toBe("tests");
    expect(Buffer.from(keyProviderInfo.subarray(0, 13)).toString("hex")).toBe(`${Buffer.from("key-1").toString("hex")}000000800000000c`);
    expect(keyProviderInfo).toHaveLength(5 + 8 + 12);
    expect(ciphertext).toHaveLength(48 + 48);
  });

  it("makes another IV, data key and intermediate key each time", async () => {
    const [one, two] = [await encryptWith(keyring), await encryptWith(keyring)];
    expect(onlyKey(one).keyProviderInfo).not.toEqual(onlyKey(two).keyProviderInfo);
    expect(one.plaintextDataKey.reveal()).not.toEqual(two.plaintextDataKey.reveal());
    expect(one.symmetricSigningKeys[0]?.reveal()).not.toEqual(two.symmetricSigningKeys[0]?.reveal());
  });

  it("refuses any flipped bit of ciphertext and IV", async () => {
    const written = await encryptWith(keyring);
    const { ciphertext, keyProviderInfo } = onlyKey(written);
    await fc.assert(
      fc.asyncProperty(fc.nat(ciphertext.length + 11), async (at) => {
        const changed =
          at < ciphertext.length
            ? { ciphertext: flipped(ciphertext, at) }
            : { keyProviderInfo: flipped(keyProviderInfo, at - ciphertext.length - 12) };
        await expect(decryptWith(keyring, withKey(written, changed))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
      }),
      { numRuns: 108 },
    );
  });

  it("refuses a changed encryption context, a cut ciphertext and another wrapping key", async () => {
    const written = await encryptWith(keyring);
    const otherContext = { ...written, encryptionContext: encryptionContextOf({ a: "b" }) };
    await expect(decryptWith(keyring, otherContext)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    for (const length of [0, 10, 48, 60, 95]) {
      const cut = withKey(written, { ciphertext: onlyKey(written).ciphertext.slice(0, length) });
      await expect(decryptWith(keyring, cut)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    const otherKey = rawAesKeyring({ keyNamespace: "tests", keyName: "key-1", wrappingKey: key(32, 8) });
    await expect(decryptWith(otherKey, written)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("passes over keys of another name, namespace or length field", async () => {
    const written = await encryptWith(keyring);
    const { keyProviderInfo } = onlyKey(written);
    for (const change of [
      { keyProviderId: "others" },
      { keyProviderInfo: flipped(keyProviderInfo, 0) },
      { keyProviderInfo: flipped(keyProviderInfo, 8) },
      { keyProviderInfo: flipped(keyProviderInfo, 12) },
      { keyProviderInfo: keyProviderInfo.slice(0, -1) },
      { keyProviderInfo: new Uint8Array() },
    ]) {
      await expect(decryptWith(keyring, withKey(written, change))).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    }
  });

  it("tries its next encrypted data key when one fails", async () => {
    const written = await encryptWith(keyring);
    const broken = { ...onlyKey(written), ciphertext: key(96) };
    const read = await decryptWith(keyring, { ...written, encryptedDataKeys: [broken, onlyKey(written)] });
    expect(read.plaintextDataKey.reveal()).toEqual(written.plaintextDataKey.reveal());
  });

  it("keeps its own copy of the wrapping key", async () => {
    const wrappingKey = key();
    const copying = rawAesKeyring({ keyNamespace: "tests", keyName: "key-1", wrappingKey });
    wrappingKey.fill(0);
    await expectRoundTrip(copying, keyring);
  });

  it.each([
    [{ wrappingKey: key(15) }, "ERR_INVALID_ARGUMENT", "wrappingKey"],
    [{ wrappingKey: "text" as unknown as Uint8Array }, "ERR_INVALID_ARGUMENT", "wrappingKey"],
    [{ keyName: "" }, "ERR_INVALID_ARGUMENT", "keyName"],
    [{ keyNamespace: "\ud800" }, "ERR_INVALID_ARGUMENT", "keyNamespace"],
    [{ keyNamespace: "x".repeat(65535) }, "ERR_INVALID_ARGUMENT", "keyNamespace"],
    [{ keyNamespace: "aws-kms" }, "ERR_KEY_NAMESPACE_RESERVED", undefined],
    [{ keyNamespace: "aws-kms-hierarchy" }, "ERR_KEY_NAMESPACE_RESERVED", undefined],
  ])("refuses %o", (change, code, argument) => {
    const options = { keyNamespace: "tests", keyName: "key-1", wrappingKey: key(), ...change };
    const details = argument === undefined ? {} : { argument };
    expect(() => rawAesKeyring(options)).toThrow(expect.objectContaining({ code, details: expect.objectContaining(details) }));
  });

  it("refuses materials that hold a data key already", async () => {
    const written = await encryptWith(keyring);
    const read = await decryptWith(keyring, written);
    await expect(keyring.onDecrypt(read, written.encryptedDataKeys, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
  });
});
