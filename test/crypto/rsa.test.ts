import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { importRsaPrivateKey, importRsaPublicKey, rsaPaddings } from "../../src/crypto/index.ts";

const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const publicPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
const privatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const message = Uint8Array.from({ length: 32 }, (_, i) => i);

describe("RSA", () => {
  it.each(rsaPaddings)("decrypt inverts encrypt under %s", (padding) => {
    const sealed = importRsaPublicKey(publicPem)?.encrypt(padding, message);
    expect(sealed).toHaveLength(256);
    expect(importRsaPrivateKey(privatePem)?.decrypt(padding, sealed ?? new Uint8Array(), 32)).toEqual(message);
  });

  it.each(rsaPaddings)("%s gives nothing away for a changed ciphertext", (padding) => {
    const sealed = importRsaPublicKey(publicPem)?.encrypt(padding, message) ?? new Uint8Array();
    sealed[100] = (sealed[100] ?? 0) ^ 1;
    expect(importRsaPrivateKey(privatePem)?.decrypt(padding, sealed, 32)).not.toEqual(message);
    expect(importRsaPrivateKey(privatePem)?.decrypt(padding, new Uint8Array(3), 32)).toBeUndefined();
  });

  it("answers a PKCS1 block that is padded wrongly with other random bytes each time", () => {
    const key = importRsaPrivateKey(privatePem);
    const right = new Uint8Array(256).fill(7);
    right.set([0, 2]);
    right[223] = 0;
    const wrong: [string, number, number][] = [
      ["first byte", 0, 1],
      ["block type", 1, 1],
      ["zero in the padding", 4, 0],
      ["no separator", 223, 9],
    ];
    const seal = (block: Uint8Array): Uint8Array => publicEncrypt({ key: pair.publicKey, padding: constants.RSA_NO_PADDING }, block);
    expect(key?.decrypt("PKCS1", seal(right), 32)).toEqual(new Uint8Array(32).fill(7));
    for (const [what, index, byte] of wrong) {
      const block = right.slice();
      block[index] = byte;
      const [one, two] = [key?.decrypt("PKCS1", seal(block), 32), key?.decrypt("PKCS1", seal(block), 32)];
      expect(one, what).toHaveLength(32);
      expect(one, what).not.toEqual(new Uint8Array(32).fill(7));
      expect(one, what).not.toEqual(two);
    }
    expect(key?.decrypt("PKCS1", seal(right), 31)).not.toEqual(new Uint8Array(31).fill(7));
  });

  it("reads SPKI as PEM and DER, PKCS#8 and PKCS#1", () => {
    const der = new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
    expect(importRsaPublicKey(der)?.modulusBits).toBe(2048);
    expect(importRsaPublicKey(publicPem)?.modulusBits).toBe(2048);
    const pkcs1 = pair.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    expect(importRsaPrivateKey(pkcs1)?.modulusBits).toBe(2048);
  });

  it("takes no other key", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    expect(importRsaPublicKey(ec.publicKey.export({ type: "spki", format: "pem" }).toString())).toBeUndefined();
    expect(importRsaPublicKey(privatePem)).toBeUndefined();
    expect(importRsaPublicKey("no key")).toBeUndefined();
    expect(importRsaPrivateKey(publicPem)).toBeUndefined();
  });

  it("refuses a plaintext that is too long for the key", () => {
    expect(importRsaPublicKey(publicPem)?.encrypt("OAEP_SHA512_MGF1", new Uint8Array(200))).toBeUndefined();
  });
});
