import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type EcdhCurve, ecdhCurves, ecdsaSuite } from "../../src/crypto/index.ts";
import { type RawEcdhKeyringOptions, rawEcdhKeyring } from "../../src/keyrings/index.ts";
import { encryptionContextOf } from "../../src/materials/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, withKey } from "../support/keyring-round-trip.ts";

const namedCurves = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };
const pointLength = { "P-256": 33, "P-384": 49, "P-521": 67 };
const infoLength = { "P-256": 75, "P-384": 107, "P-521": 143 };

function pair(curve: EcdhCurve): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: namedCurves[curve],
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

// @see framework/key-agreement-schemas.md "Overview", "Raw ECDH Key Agreement Schemas", "EphemeralPrivateKeyToStaticPublicKey"
// @see framework/key-agreement-schemas.md "PublicKeyDiscovery", "RawPrivateKeyToStaticPublicKey", "Key Derivation", "Key Commitment"
// @see framework/raw-ecdh-keyring.md "Key Provider Information", "Data Key Wrapping", "Data Key Unwrapping", "ECC Keys", "Interface"
// @see framework/raw-ecdh-keyring.md "Initialization", "Curve Specification", "Supported Curve Specifications", "OnEncrypt"
// @see framework/raw-ecdh-keyring.md "OnDecrypt"
describe.each(ecdhCurves)("rawEcdhKeyring on %s", (curve) => {
  const [alice, bob, eve] = [pair(curve), pair(curve), pair(curve)];
  const between = (own: typeof alice, other: typeof alice) =>
    rawEcdhKeyring({ curve, keyAgreement: "static", privateKey: own.privateKey, recipientPublicKey: other.publicKey });
  const toBob = rawEcdhKeyring({ curve, keyAgreement: "ephemeral", recipientPublicKey: bob.publicKey });
  const bobReads = rawEcdhKeyring({ curve, keyAgreement: "discovery", privateKey: bob.privateKey });

  it("static: either party writes, both read", async () => {
    await expectRoundTrip(between(alice, bob), between(bob, alice), { suite: ecdsaSuite });
    await expectRoundTrip(between(alice, bob), between(alice, bob));
    await expectRoundTrip(between(alice, bob), bobReads);
  });

  it("ephemeral: only the recipient reads, with a new sender each time", async () => {
    const written = await expectRoundTrip(toBob, bobReads);
    await expect(decryptWith(toBob, written)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_DECRYPT" });
    expect(onlyKey(written).keyProviderInfo).not.toEqual(onlyKey(await encryptWith(toBob)).keyProviderInfo);
    await expect(encryptWith(bobReads)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_ENCRYPT" });
  });

  it("lays its encrypted data key out as specified", async () => {
    const { keyProviderId, keyProviderInfo, ciphertext } = onlyKey(await encryptWith(between(alice, bob)));
    const point = (pem: string): string => {
      const { x, y } = createPublicKey(pem).export({ format: "jwk" });
      const odd = (Buffer.from(y ?? "", "base64url").at(-1) ?? 0) & 1;
      return `0${2 + odd}${Buffer.from(x ?? "", "base64url").toString("hex")}`;
    };
    const length = pointLength[curve].toString(16).padStart(8, "0");
    expect(keyProviderId).toBe("raw-ecdh");
    expect(Buffer.from(keyProviderInfo).toString("hex")).toBe(`01${length}${point(bob.publicKey)}${length}${point(alice.publicKey)}`);
    expect(keyProviderInfo).toHaveLength(infoLength[curve]);
    expect(ciphertext).toHaveLength(48 + 32 + 32 + 48);
  });

  it("passes over what others agreed on", async () => {
    const written = await encryptWith(between(alice, bob));
    await expect(decryptWith(between(eve, bob), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    await expect(decryptWith(between(alice, eve), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    const eveReads = rawEcdhKeyring({ curve, keyAgreement: "discovery", privateKey: eve.privateKey });
    await expect(decryptWith(eveReads, written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    await expect(decryptWith(bobReads, withKey(written, { keyProviderId: "other" }))).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it("refuses a flipped bit in data key, salt, commitment key, wrapped key and tag, and another context", async () => {
    const written = await encryptWith(toBob);
    for (const at of [0, 48, 79, 80, 111, 112, 143, -1]) {
      const changed = withKey(written, { ciphertext: flipped(onlyKey(written).ciphertext, at) });
      await expect(decryptWith(bobReads, changed), `byte ${at}`).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    for (const length of [0, 47, 112, 113, 159]) {
      const cut = withKey(written, { ciphertext: onlyKey(written).ciphertext.slice(0, length) });
      await expect(decryptWith(bobReads, cut), `${length} bytes`).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    const otherContext = { ...written, encryptionContext: encryptionContextOf({ a: "b" }) };
    await expect(decryptWith(bobReads, otherContext)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("refuses provider info that is cut, has another version, or a sender that is no point", async () => {
    const written = await encryptWith(toBob);
    const { keyProviderInfo } = onlyKey(written);
    const changes = [
      keyProviderInfo.slice(0, -1),
      Uint8Array.of(...keyProviderInfo, 0),
      flipped(keyProviderInfo, 0),
      flipped(keyProviderInfo, 1),
      new Uint8Array(),
      keyProviderInfo.slice().fill(0xff, -pointLength[curve]),
    ];
    for (const info of changes) {
      await expect(decryptWith(bobReads, withKey(written, { keyProviderInfo: info }))).rejects.toMatchObject({
        code: "ERR_HEADER_MALFORMED",
      });
    }
  });

  it("refuses keys of another curve and unknown schemes", () => {
    const other = pair(curve === "P-256" ? "P-384" : "P-256");
    const options: readonly [unknown, string][] = [
      [{ curve, keyAgreement: "static", privateKey: other.privateKey, recipientPublicKey: bob.publicKey }, "privateKey"],
      [{ curve, keyAgreement: "static", privateKey: alice.privateKey, recipientPublicKey: other.publicKey }, "recipientPublicKey"],
      [{ curve, keyAgreement: "ephemeral", recipientPublicKey: alice.privateKey }, "recipientPublicKey"],
      [{ curve: "P-224", keyAgreement: "discovery", privateKey: alice.privateKey }, "curve"],
      [{ curve, keyAgreement: "other" }, "keyAgreement"],
    ];
    for (const [option, argument] of options) {
      expect(() => rawEcdhKeyring(option as RawEcdhKeyringOptions)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
      );
    }
  });
});
