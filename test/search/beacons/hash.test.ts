import { describe, expect, it } from "vitest";
import { SecretBytes } from "../../../src/bytes/index.ts";
import type { StandardBeaconPlan } from "../../../src/schema/index.ts";
import { beaconHash } from "../../../src/search/beacons/hash.ts";

const beacon = (length: number): StandardBeaconPlan => ({
  kind: "standard",
  name: "foo",
  source: { location: ["foo"] },
  length,
  partOnly: false,
  asSet: false,
  keyName: "foo",
  partitions: 5,
});
const keys = { hmacKey: () => new SecretBytes(Uint8Array.of(1, 2)) };
const bytes = Uint8Array.of(1, 2, 3);

// @see specification/searchable-encryption/beacons.md "Beacon Length", "basicHash", "Beacon Partition Encoding", "Beacon Constraint"
// @see specification/searchable-encryption/beacons.md "string hash", "getPart for a standard beacon"
// @see specification/searchable-encryption/search-config.md "HMAC Key Generation"
describe("the hash of a beacon", () => {
  it.each([
    [0, "7e"],
    [1, "1d"],
    [2, "ef"],
    [5, "7e"],
    [6, "1d"],
  ])("in partition %i has the figures of the specification's own tests", (partition, expected) => {
    expect(beaconHash(beacon(8), bytes, keys, partition)).toBe(expected);
  });

  it("keeps the rightmost bits of 8 bytes at every length", () => {
    for (let length = 1; length <= 63; length++) {
      const hash = beaconHash(beacon(length), bytes, keys, 0);
      expect(hash).toHaveLength(Math.ceil(length / 4));
      expect(BigInt(`0x${hash}`)).toBe(0x2793938b26e9527en & ((1n << BigInt(length)) - 1n));
    }
  });
});
