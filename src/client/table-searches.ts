import { systemRandomness } from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { type BeaconKeyOptions, beaconKeySources, isSearchable, type PartitionSelector, type SearchableTable } from "../search/index.ts";
import type { TableSearch } from "../tables/index.ts";

/** What a client's options say about searching. */
export interface SearchOptions {
  /** Where beacon keys come from, for all tables or by logical table name; needed where a schema has beacons. */
  readonly beaconKeys?: BeaconKeyOptions | Readonly<Record<string, BeaconKeyOptions>> | undefined;
  /** Chooses the beacon partition of an item, by logical table name; by default it is random. */
  readonly partitionSelectors?: Readonly<Record<string, PartitionSelector>> | undefined;
}

/**
 * What searching each table takes, by its plan.
 *
 * @throws ERR_INVALID_ARGUMENT; for a table ERR_BEACON_KEYS_NOT_CONFIGURED and ERR_INVALID_ARGUMENT
 */
export function tableSearches(plans: readonly TablePlan[], options: SearchOptions): (plan: TablePlan) => TableSearch | undefined {
  const { beaconKeys, partitionSelectors = {} } = options;
  const selectors = new Map(Object.entries(partitionSelectors));
  for (const [name, selector] of selectors) {
    const searched = plans.some((plan) => plan.tableName === name && plan.search !== undefined);
    if (!searched) throw invalidArgument(`partitionSelectors.${name}`, "named after the tableName of a schema with beacons");
    if (typeof selector !== "function") throw invalidArgument(`partitionSelectors.${name}`, "a function");
  }
  const sourcesOf = beaconSources(plans, beaconKeys);
  return (plan) => {
    if (!isSearchable(plan)) return undefined;
    const source = needsKeys(plan) ? (sourcesOf(plan) ?? noBeaconKeys(beaconKeys))(plan) : undefined;
    return { source, selector: selectors.get(plan.tableName) };
  };
}

type BeaconSources = ReturnType<typeof beaconKeySources>;

/** Tables that share their options share the cache of their keys. */
function beaconSources(
  plans: readonly TablePlan[],
  beaconKeys: SearchOptions["beaconKeys"],
): (plan: TablePlan) => BeaconSources | undefined {
  if (beaconKeys === undefined) return () => undefined;
  if (!isByTable(beaconKeys)) {
    const one = beaconKeySources(beaconKeys, systemRandomness);
    return () => one;
  }
  const made = new Map<BeaconKeyOptions, BeaconSources>();
  const byName = new Map<string, BeaconSources>();
  for (const [name, options] of Object.entries(beaconKeys)) {
    const isSearched = plans.some((plan) => plan.tableName === name && plan.search !== undefined);
    if (!isSearched) throw invalidArgument(`beaconKeys.${name}`, "named after the tableName of a schema with beacons");
    const sources = made.get(options) ?? beaconKeySources(options, systemRandomness);
    made.set(options, sources);
    byName.set(name, sources);
  }
  return ({ tableName }) => byName.get(tableName);
}

/** A table may be called `keyStore`; a key store never has one. */
function isByTable(beaconKeys: NonNullable<SearchOptions["beaconKeys"]>): beaconKeys is Readonly<Record<string, BeaconKeyOptions>> {
  const entries: readonly unknown[] = Object.values(beaconKeys);
  return entries.length > 0 && entries.every((entry) => typeof entry === "object" && entry !== null && "keyStore" in entry);
}

/** A signed beacon is readable and takes no key. */
function needsKeys({ search }: SearchableTable): boolean {
  return [...search.beacons.values()].some(({ kind }) => kind === "standard");
}

/** An item written without its beacons would never be found by them. */
function noBeaconKeys(beaconKeys: SearchOptions["beaconKeys"]): ({ tableName }: SearchableTable) => never {
  const reason = beaconKeys === undefined ? "the option beaconKeys is missing" : "the option beaconKeys names other tables only";
  return ({ tableName }) => {
    throw new DynasealError("ERR_BEACON_KEYS_NOT_CONFIGURED", { details: { tableName, reason } });
  };
}
