import { decodeUtf8 } from "../bytes/index.ts";
import { hierarchyProviderId } from "./branch-key-hierarchy.ts";
import type { Clock } from "./clock.ts";
import type { EncryptedDataKey } from "./materials.ts";

const rememberedMilliseconds = 60_000;
/** Branch keys by Region; the oldest go first. */
const capacity = 1000;

/**
 * In which Regions one table's keyring served an item in the last minute, and under which branch keys: where an item
 * fails, this tells an item that names what is not there from keys that cannot be reached by anybody.
 */
export class ServedKeys {
  readonly #clock: Clock;
  /** Region, or Region and branch key id, as JSON → when, in milliseconds of the clock; oldest first. */
  readonly #times: Map<string, number> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An item under these was given its data key. */
  note(region: string | undefined, encryptedDataKeys: readonly EncryptedDataKey[]): void {
    const now = this.#clock.now();
    for (const { keyProviderId, keyProviderInfo } of encryptedDataKeys) {
      if (keyProviderId === hierarchyProviderId) this.#set(nameOf(region, decodeUtf8(keyProviderInfo)), now);
    }
    // Last, so that no number of branch keys pushes it out.
    this.#set(nameOf(region), now);
  }

  /** Whether anything, or the branch key, served there in the last minute. */
  has(region: string | undefined, branchKeyId?: string): boolean {
    const age = this.#clock.now() - (this.#times.get(nameOf(region, branchKeyId)) ?? Number.NEGATIVE_INFINITY);
    return age >= 0 && age < rememberedMilliseconds;
  }

  #set(name: string, now: number): void {
    // Most items are under what served the one before: nothing has to move then.
    if (this.#times.get(name) === now) return;
    this.#times.delete(name);
    this.#times.set(name, now);
    for (const oldest of this.#times.keys()) {
      if (this.#times.size <= capacity) return;
      this.#times.delete(oldest);
    }
  }
}

function nameOf(region: string | undefined, branchKeyId?: string): string {
  return JSON.stringify([region, branchKeyId]);
}
