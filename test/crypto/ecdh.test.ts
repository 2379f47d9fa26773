import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ecdhCurves, generateEcdhKey, importCompressedPoint, importEcdhPrivateKey, importEcdhPublicKey } from "../../src/crypto/index.ts";

const compressedLength = { "P-256": 33, "P-384": 49, "P-521": 67 };
const spkiLength = { "P-256": 91, "P-384": 120, "P-521": 158 };

describe.each(ecdhCurves)("ECDH on %s", (curve) => {
  it("gives both parties one secret", async () => {
    const [a, b] = [await generateEcdhKey(curve), await generateEcdhKey(curve)];
    expect(a.sharedSecret(b.publicKey)?.reveal()).toEqual(b.sharedSecret(a.publicKey)?.reveal());
    expect(a.sharedSecret(b.publicKey)).toHaveLength(compressedLength[curve] - 1);
  });

  it("compresses and decompresses points", async () => {
    for (let i = 0; i < 8; i++) {
      const { publicKey } = await generateEcdhKey(curve);
      expect(publicKey.compressed).toHaveLength(compressedLength[curve]);
      expect(publicKey.spki).toHaveLength(spkiLength[curve]);
      expect(importCompressedPoint(curve, publicKey.compressed)?.spki).toEqual(publicKey.spki);
      expect(importEcdhPublicKey(curve, publicKey.spki)?.compressed).toEqual(publicKey.compressed);
    }
  });

  it("reads PEM, and no key of another curve", () => {
    const other = { "P-256": "secp384r1", "P-384": "secp521r1", "P-521": "prime256v1" }[curve];
    const own = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" }[curve];
    for (const [namedCurve, taken] of [
      [own, true],
      [other, false],
    ] as const) {
      const pair = generateKeyPairSync("ec", { namedCurve });
      expect(importEcdhPublicKey(curve, pair.publicKey.export({ type: "spki", format: "pem" }).toString()) !== undefined).toBe(taken);
      expect(importEcdhPrivateKey(curve, pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString()) !== undefined).toBe(taken);
    }
  });

  it("takes no point off the curve", () => {
    const points = Array.from({ length: 16 }, (_, i) => {
      const point = new Uint8Array(compressedLength[curve]).fill(i);
      point[0] = 2;
      return importCompressedPoint(curve, point);
    });
    expect(points).toContain(undefined);
    expect(importCompressedPoint(curve, new Uint8Array(compressedLength[curve]))).toBeUndefined();
    expect(importCompressedPoint(curve, new Uint8Array(3))).toBeUndefined();
  });
});
