import type { AttributeMap } from "../attributes/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { activeType } from "./record.ts";
import type { Storage } from "./storage.ts";
import { tombstoneOf } from "./tombstone.ts";

const capacity = 1000;
/** As long as the shortest pause between two looks for a version that has not arrived. */
const recentMilliseconds = 50;

/**
 * The ACTIVE rows that stand in for versions which have not arrived. One that was read a moment ago and is of another
 * version is not read again: so any number of invented versions of one branch key cost few reads of it.
 */
export class RecentActive {
  readonly #storage: Storage;
  /** Region and branch key id → when ACTIVE was read, and which version it is a copy of, or the tombstone that it is; oldest first. */
  readonly #read: Map<string, { readonly at: number; readonly version: string | undefined; readonly tombstone: AttributeMap | undefined }> =
    new Map();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Whether ACTIVE was there when it was read last, hence a branch key that only lacks some version. */
  isHere({ branchKeyId, region = "" }: { readonly branchKeyId: string; readonly region?: string }): boolean {
    return this.#read.get(`${region} ${branchKeyId}`)?.version !== undefined;
  }

  /** ACTIVE, if it might be a copy of the version whose row is `type` or is a tombstone. */
  async get(
    { branchKeyId, region = "", type }: { readonly branchKeyId: string; readonly region?: string; readonly type: string },
    call: KeyringCall,
  ): Promise<AttributeMap | undefined> {
    const key = `${region} ${branchKeyId}`;
    const recent = this.#read.get(key);
    const isRecent = recent !== undefined && performance.now() - recent.at < recentMilliseconds;
    if (isRecent && recent.version !== type) return recent.tombstone;
    const at = performance.now();
    const row = await this.#storage.get(branchKeyId, activeType, call);
    this.#read.delete(key);
    this.#read.set(key, { at, version: row?.version?.S, tombstone: tombstoneOf(row) && row });
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= capacity) break;
      this.#read.delete(oldest);
    }
    return row;
  }
}
