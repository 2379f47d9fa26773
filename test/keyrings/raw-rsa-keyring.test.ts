import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ecdsaSuite, rsaPaddings } from "../../src/crypto/index.ts";
import { type RawRsaKeyringOptions, rawAesKeyring, rawRsaKeyring } from "../../src/keyrings/index.ts";
import { encryptionContextOf, type Keyring } from "../../src/materials/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, withKey } from "../support/keyring-round-trip.ts";

function pair(modulusLength = 2048): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("rsa", {
    modulusLength,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

const keys = pair();
const rsa = (change: Partial<RawRsaKeyringOptions> = {}): Keyring =>
  rawRsaKeyring({ keyNamespace: "tests", keyName: "rsa-1", padding: "OAEP_SHA256_MGF1", ...keys, ...change });

// @see framework/raw-rsa-keyring.md "Changelog", "Initialization", "Padding Scheme", "Supported Padding Schemes", "Public Key"
// @see framework/raw-rsa-keyring.md "Private Key", "OnEncrypt", "OnDecrypt"
describe("rawRsaKeyring", () => {
  it.each(rsaPaddings)("decrypt inverts encrypt under %s", async (padding) => {
    await expectRoundTrip(rsa({ padding }), rsa({ padding }), { suite: ecdsaSuite });
  });

  it("lays its encrypted data key out as specified", async () => {
    const { keyProviderId, keyProviderInfo, ciphertext } = onlyKey(await encryptWith(rsa()));
    expect(keyProviderId).toBe("tests");
    expect(Buffer.from(keyProviderInfo).toString()).toBe("rsa-1");
    expect(ciphertext).toHaveLength(48 + 256);
  });

  it("lets the public key write and the private key read", async () => {
    const [writer, reader] = [rsa({ privateKey: undefined }), rsa({ publicKey: undefined })];
    const written = await expectRoundTrip(writer, reader);
    await expect(decryptWith(writer, written)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_DECRYPT" });
    await expect(encryptWith(reader)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_ENCRYPT" });
  });

  it("only minds its missing private key where an item is its own", async () => {
    const others = await encryptWith(rawAesKeyring({ keyNamespace: "tests", keyName: "aes", wrappingKey: new Uint8Array(32) }));
    await expect(decryptWith(rsa({ privateKey: undefined }), others)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it.each(rsaPaddings)("refuses another key pair, a changed ciphertext and context under %s", async (padding) => {
    const written = await encryptWith(rsa({ padding }));
    const { ciphertext } = onlyKey(written);
    await expect(decryptWith(rsa({ padding, ...pair() }), written)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    for (const at of [0, 47, 48, -1]) {
      const changed = withKey(written, { ciphertext: flipped(ciphertext, at) });
      await expect(decryptWith(rsa({ padding }), changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    const cut = withKey(written, { ciphertext: ciphertext.slice(0, -1) });
    await expect(decryptWith(rsa({ padding }), cut)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    const otherContext = { ...written, encryptionContext: encryptionContextOf({ a: "b" }) };
    await expect(decryptWith(rsa({ padding }), otherContext)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("passes over keys of another name or namespace", async () => {
    const written = await encryptWith(rsa());
    await expect(decryptWith(rsa({ keyName: "rsa-2" }), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    await expect(decryptWith(rsa({ keyNamespace: "other" }), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it.each([
    [{ padding: "OAEP" as "PKCS1" }, "padding"],
    [{ publicKey: "no key" }, "publicKey"],
    [{ publicKey: keys.privateKey }, "publicKey"],
    [{ privateKey: keys.publicKey }, "privateKey"],
    [{ publicKey: undefined, privateKey: undefined }, "publicKey or privateKey"],
  ])("refuses %o", (change, argument) => {
    expect(() => rsa(change)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
    );
  });

  it("names a key that is too short for its padding", async () => {
    await expect(encryptWith(rsa({ ...pair(1024), padding: "OAEP_SHA512_MGF1" }))).rejects.toMatchObject({
      code: "ERR_INVALID_ARGUMENT",
      details: { argument: "publicKey" },
    });
  });
});
