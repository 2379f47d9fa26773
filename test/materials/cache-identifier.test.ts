import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { cacheIdentifiers } from "../../src/materials/index.ts";

const partition = Uint8Array.of(1, 2, 3);
const version = "3c386224-9004-42e2-bb94-0b3ea566019e";
const sha384 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash("sha384");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

// @see specification/searchable-encryption/search-config.md "Searchable Encryption Cache Identifier", "Resource Suffix"
// @see specification/searchable-encryption/search-config.md "Logical Key Store Name"
// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Appendix A: Cache Entry Identifier Formulas", "Resource Suffix"
// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Encryption Materials", "Decryption Materials", "Logical Key Store Name"
describe("cache identifiers", () => {
  const identifiers = cacheIdentifiers({ partitionId: partition, logicalKeyStoreName: "störe" });

  it("are the specification's formulas", () => {
    expect(identifiers.active("tenant é")).toBe(sha384("\x02\0\x01\0", partition, "\0störe\0tenant é"));
    expect(identifiers.version("tenant é", version)).toBe(sha384("\x02\0\x02\0", partition, `\0störe\0tenant é\0${version}`));
    expect(identifiers.beacon("tenant é")).toBe(sha384("\x02\0\x03\0", partition, "\0störe\0tenant é"));
  });

  it("stay the same when asked again, and differ by partition, store, key and version", () => {
    const others = [
      cacheIdentifiers({ partitionId: Uint8Array.of(1, 2, 4), logicalKeyStoreName: "störe" }).version("a", version),
      cacheIdentifiers({ partitionId: partition, logicalKeyStoreName: "store" }).version("a", version),
      identifiers.version("b", version),
      identifiers.version("a", version.replace("3", "4")),
      identifiers.version("a", version),
    ];
    expect(new Set(others).size).toBe(others.length);
    expect(identifiers.version("a", version)).toBe(identifiers.version("a", version));
  });

  it("stay right for more keys than are remembered", () => {
    const first = identifiers.active("key 0");
    for (let i = 0; i < 5000; i++) identifiers.active(`key ${i}`);
    expect(identifiers.active("key 0")).toBe(first);
  });
});
