import { randomFillSync, randomUUID } from "node:crypto";

/** Where random bytes come from. Injected by the composition root; production code has no way to seed it. */
export interface Randomness {
  bytes(length: number): Uint8Array;
  uuid(): string;
}

/** The operating system's generator. */
export const systemRandomness: Randomness = Object.freeze({
  bytes: (length: number): Uint8Array => randomFillSync(new Uint8Array(length)),
  uuid: (): string => randomUUID(),
});
