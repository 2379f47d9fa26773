import { fromBase64, SecretBytes } from "../../src/bytes/index.ts";
import { tablePlan } from "../../src/schema/index.ts";
import { BeaconKeys } from "../../src/search/beacons/keys.ts";
import { isSearchable, type SearchableTable } from "../../src/search/beacons/searchable-table.ts";
import type { JsonItem } from "./dynamodb-json.ts";
import { type JavaSearchConfig, searchSchemaOf } from "./search-schema.ts";
import { readVectors } from "./vectors.ts";

export interface BeaconItem {
  readonly plaintext: JsonItem;
  readonly added?: JsonItem;
  readonly resolved?: { readonly virtualFields: Record<string, string>; readonly compoundBeacons: Record<string, string> };
  readonly error?: { readonly message: string };
}

export interface BeaconRequest {
  readonly action: "query" | "scan";
  readonly params: RequestParameters;
  readonly result?: RequestParameters;
  readonly error?: { readonly message: string };
}

export interface RequestParameters {
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, Readonly<Record<string, unknown>>>;
}

export interface BeaconCase {
  readonly name: string;
  readonly config: JavaSearchConfig;
  readonly items: readonly BeaconItem[];
  readonly requests?: readonly BeaconRequest[];
}

/** The vectors of Java that have items, i.e. all but those of refused configurations. */
export function beaconCases(): readonly BeaconCase[] {
  const { cases } = readVectors<{ cases: readonly BeaconCase[] }>("java/beacons.json");
  return cases.filter(({ items }) => items !== undefined);
}

export function searchableTable(schema: unknown): SearchableTable {
  const plan = tablePlan(schema);
  if (!isSearchable(plan)) throw new Error("the schema has no beacons");
  return plan;
}

export function tableOfCase({ config }: BeaconCase): SearchableTable {
  return searchableTable(searchSchemaOf(config));
}

interface KeySource {
  readonly keyStore?: { readonly static: readonly { readonly branchKeyId: string; readonly beaconKey: string }[] };
}

/** The beacon keys of a vector's static key store. */
export function keysOf({ config }: BeaconCase, branchKeyId: string): BeaconKeys {
  const [version] = config.search.versions as unknown as readonly [KeySource];
  const stores = version.keyStore?.static ?? (config.keyring["keyStore"] as KeySource["keyStore"] & object)?.static ?? [];
  const key = stores.find((one) => one.branchKeyId === branchKeyId)?.beaconKey;
  return new BeaconKeys(new SecretBytes(fromBase64(key ?? "") ?? new Uint8Array()));
}

/** The branch key that the vector's keyring encrypts an item under. */
export function branchKeyOfItem({ config }: BeaconCase, item: JsonItem): string {
  const single = config.search.versions[0].keySource?.single?.keyId;
  const supplier = config.keyring["branchKeyIdSupplier"] as { attribute: string; map: Record<string, string> } | undefined;
  const text = supplier === undefined ? undefined : (item[supplier.attribute]?.["S"] as string);
  return single ?? supplier?.map[text ?? ""] ?? (config.keyring["branchKeyId"] as string);
}
