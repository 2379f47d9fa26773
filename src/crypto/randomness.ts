import { randomBytes as nodeRandomBytes, randomUUID } from "node:crypto";

/** Where random bytes come from. Injected by the composition root; production code has no way to seed it. */
export interface Randomness {
  bytes(length: number): Uint8Array;
  uuid(): string;
}

/** The operating system's generator. */
export const systemRandomness: Randomness = Object.freeze({
  // A copy: node hands out slices of a pooled buffer.
  bytes: (length: number): Uint8Array => new Uint8Array(nodeRandomBytes(length)),
  uuid: (): string => randomUUID(),
});
