import { type Change, type GlobalTable, isLater, type Version } from "./change.ts";
import { IdempotencyTokens } from "./idempotency-tokens.ts";
import { RegionLock } from "./region-lock.ts";
import { idOf, keyOf, RegionStore } from "./region-store.ts";
import type { WireItem } from "./wire.ts";

/** One table in one Region: what dynalite does not keep of it. */
export interface Replica {
  readonly table: GlobalTable;
  /** The last version of every item that was ever written, deleted ones too, by item id. */
  readonly versions: Map<string, { readonly key: WireItem; readonly version: Version }>;
  deletionProtection: boolean;
  /** Days that can be restored; undefined while point-in-time recovery is off. */
  recoveryPeriodInDays: number | undefined;
  /** Milliseconds since 1970. */
  recoverySince: number;
  timeToLiveAttribute: string | undefined;
}

/** The state of one Region. Whoever writes to `store` or calls `commit` holds `lock` exclusively. */
export class LocalRegion {
  readonly name: string;
  readonly store: RegionStore;
  readonly lock: RegionLock = new RegionLock();
  readonly tokens: IdempotencyTokens;
  readonly replicas: Map<string, Replica> = new Map();
  /** Milliseconds since 1970, fractions allowed. */
  readonly now: () => number;
  readonly #replicate: (change: Change) => void;

  constructor(options: { readonly name: string; readonly now: () => number; readonly replicate: (change: Change) => void }) {
    this.name = options.name;
    this.store = new RegionStore(options.name);
    this.tokens = new IdempotencyTokens(options.now);
    this.now = options.now;
    this.#replicate = options.replicate;
  }

  /** Gives the item that was just written (or the key that was just deleted) its version, and sends it on its way. */
  async commit(tableName: string, itemOrKey: WireItem): Promise<void> {
    const replica = this.replicas.get(tableName);
    const description = await this.store.table(tableName);
    const id = idOf(description, itemOrKey);
    if (replica === undefined || id === undefined) return;
    const key = keyOf(description, itemOrKey);
    const item = await this.store.read(tableName, id);
    // A write always follows the version it replaced, even if that came from a Region whose clock is ahead.
    const previous = replica.versions.get(id)?.version.timestamp ?? 0;
    const version = { timestamp: Math.max(Math.floor(this.now() * 1000), previous + 1), region: this.name };
    replica.versions.set(id, { key, version });
    this.#replicate({ table: replica.table, from: this.name, id, key, item, version });
  }

  /** Stores a change of another Region if it is later than what is here: the last writer wins. */
  apply(change: Change): Promise<void> {
    return this.lock.exclusive(async () => {
      const { table, id, key, item, version } = change;
      const replica = this.replicas.get(table.tableName);
      // The table may have been deleted, or deleted and created anew, while the change was on its way.
      if (replica?.table !== table || !isLater(version, replica.versions.get(id)?.version)) return;
      replica.versions.set(id, { key, version });
      await this.store.write(table.tableName, key, item);
    });
  }

  /** Every item of a table. Whoever calls holds `lock`. */
  async itemsOf(tableName: string): Promise<WireItem[]> {
    const items: WireItem[] = [];
    for (const id of this.replicas.get(tableName)?.versions.keys() ?? []) {
      const item = await this.store.read(tableName, id);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  /** Every item of a table, deleted ones too, as changes that another Region may apply. */
  changesOf(table: GlobalTable): Promise<Change[]> {
    return this.lock.shared(async () => {
      const changes: Change[] = [];
      for (const [id, { key, version }] of this.replicas.get(table.tableName)?.versions ?? []) {
        const item = await this.store.read(table.tableName, id);
        changes.push({ table, from: this.name, id, key, item, version });
      }
      return changes;
    });
  }
}
