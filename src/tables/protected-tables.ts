import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { ItemCryptography } from "../item/index.ts";
import type { TablePlan } from "../schema/index.ts";
import type { BeaconKeySource, PartitionSelector } from "../search/index.ts";
import { TableIndexes } from "./table-indexes.ts";
import { owningTableOf, tableOf } from "./table-name.ts";

/** What searching a table takes beside its plan. */
export interface TableSearch {
  /** `undefined` where no beacon takes a key. */
  readonly source: BeaconKeySource | undefined;
  /** `undefined`: a random partition for each item. */
  readonly selector: PartitionSelector | undefined;
}

/** A table whose items are encrypted, as requests meet it. */
export interface ProtectedTable {
  /** The name in the account; the plan holds the logical one. */
  readonly physicalName: string;
  readonly plan: TablePlan;
  readonly cryptography: ItemCryptography;
  /** Defined where the schema has beacons. */
  readonly search: TableSearch | undefined;
  /** What is known of its indexes; filled as requests name them. */
  readonly indexes: TableIndexes;
}

export interface ProtectedTablesOptions {
  readonly tables: readonly Omit<ProtectedTable, "indexes">[];
  /** Physical names that stay plain; `"all"`: every table that has no schema. */
  readonly plainTables: readonly string[] | "all";
  /** Names of indexes that hold parts of items, whose items are fetched from the table (`indexes: { byEmail: "fetch" }`). */
  readonly fetchIndexes?: ReadonlySet<string> | undefined;
}

/** Tells for each request which schema its table has, and refuses tables that are not configured. */
export class ProtectedTables {
  readonly #tables: ReadonlyMap<string, ProtectedTable>;
  readonly #plain: ReadonlySet<string> | "all";
  readonly fetchIndexes: ReadonlySet<string>;

  constructor({ tables, plainTables, fetchIndexes = new Set() }: ProtectedTablesOptions) {
    this.fetchIndexes = fetchIndexes;
    this.#tables = new Map(tables.map((table) => [table.physicalName, { ...table, indexes: new TableIndexes() }]));
    this.#plain = plainTables === "all" ? "all" : new Set(plainTables);
  }

  /** Whether no table is protected, so that operations which do not name theirs may pass. */
  get allPlain(): boolean {
    return this.#tables.size === 0 && this.#plain === "all";
  }

  /** Whether a table, or what its ARN belongs to, is configured to stay plain. */
  isPlain(tableName: string): boolean {
    const name = owningTableOf(tableName);
    if (name === undefined || this.#tables.has(name)) return false;
    if ([...this.#tables.values()].some(({ plan }) => plan.tableName === name)) return false;
    return this.#plain === "all" || this.#plain.has(name);
  }

  /**
   * The protected table that a request defines, which carries no items: `undefined` for every other one, known or not.
   *
   * @param tableName physical name or table ARN
   */
  findConfigured(tableName: string | undefined): ProtectedTable | undefined {
    const name = typeof tableName === "string" ? owningTableOf(tableName) : undefined;
    return name === undefined ? undefined : this.#tables.get(name);
  }

  /**
   * The protected table of a request, or `undefined` for a table that is configured to stay plain.
   *
   * @param tableName `TableName` of the request: physical name or table ARN
   * @throws ERR_INVALID_ARGUMENT, ERR_TABLE_NOT_CONFIGURED
   */
  find(tableName: string | undefined): ProtectedTable | undefined {
    if (typeof tableName !== "string") {
      throw invalidArgument("TableName", "the name or the ARN of a table");
    }
    const name = tableOf(tableName);
    const table = name === undefined ? undefined : this.#tables.get(name);
    if (table !== undefined) return table;
    // A protected table by its logical name is a mistake, never a plain table: the items would be written unencrypted.
    const physicalName = [...this.#tables.values()].find(({ plan }) => plan.tableName === name)?.physicalName;
    if (physicalName === undefined && name !== undefined && (this.#plain === "all" || this.#plain.has(name))) return undefined;
    const known = [...this.#tables.keys(), ...(this.#plain === "all" ? [] : this.#plain)];
    throw new DynasealError("ERR_TABLE_NOT_CONFIGURED", { details: { tableName, known, physicalName } });
  }
}
