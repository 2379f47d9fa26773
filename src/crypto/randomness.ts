import { randomFillSync, randomUUID } from "node:crypto";
import { SecretBytes, secretMemory } from "../bytes/index.ts";

/** Where random bytes come from. Injected by the composition root; production code has no way to seed it. */
export interface Randomness {
  bytes(length: number): Uint8Array;
  uuid(): string;
}

/** The operating system's generator. */
export const systemRandomness: Randomness = Object.freeze({
  bytes: (length: number): Uint8Array => randomFillSync(secretMemory(length)),
  uuid: (): string => randomUUID(),
});

/** A new random key. */
export function randomKey(randomness: Randomness, length: number): SecretBytes {
  return SecretBytes.take(randomness.bytes(length));
}
