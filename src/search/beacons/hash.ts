import { toHex } from "../../bytes/index.ts";
import { hmac } from "../../crypto/index.ts";
import type { StandardBeaconPlan } from "../../schema/index.ts";
import type { HmacKeys } from "./keys.ts";

const keptBytes = 8;

/**
 * The hash of a standard beacon: HMAC-SHA-384 of `bytes ‖ partition`, its first 8 bytes, of these the rightmost `length`
 * bits, as `length / 4` lower-case hexadecimal digits rounded up.
 *
 * @param partition the item's; the beacon's own is `partition % beacon.partitions`, one byte that partition 0 leaves out
 * @see specification/searchable-encryption/beacons.md "basicHash", "Beacon Partition Encoding"
 * @see specification/searchable-encryption/beacons.md "Beacon Constraint", "string hash", "getPart for a standard beacon"
 */
export function beaconHash(beacon: StandardBeaconPlan, bytes: Uint8Array, keys: HmacKeys, partition: number): string {
  const own = partition % beacon.partitions;
  const key = keys.hmacKey(beacon.keyName);
  const mac = own === 0 ? hmac("sha384", key, bytes) : hmac("sha384", key, bytes, Uint8Array.of(own));
  const digits = Math.ceil(beacon.length / 4);
  const hex = toHex(mac.subarray(0, keptBytes)).slice(-digits);
  const topBits = beacon.length % 4;
  if (topBits === 0) return hex;
  const top = Number.parseInt(hex.slice(0, 1), 16) & ((1 << topBits) - 1);
  return top.toString(16) + hex.slice(1);
}
