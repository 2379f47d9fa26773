import type { Report } from "./problems.ts";
import type { CompoundBeaconInput, NamedBeaconInput, SearchInput, VirtualFieldInput } from "./search-input.ts";
import type { CryptoAction, PlaintextOverride } from "./table-plan.ts";
import type { AttributeInput, IndexInput } from "./table-schema.ts";

/** A schema as the definition read it; what was wrong by itself is undefined, so that rules say nothing about it. */
export interface TableDraft {
  readonly tableName?: string | undefined;
  readonly partitionKey?: string | undefined;
  readonly sortKey?: string | undefined;
  readonly attributes?: ReadonlyMap<string, AttributeInput | undefined> | undefined;
  readonly otherAttributes?: "ENCRYPT_AND_SIGN" | "SIGN_ONLY" | undefined;
  readonly unsignedAttributes?: readonly (string | undefined)[] | undefined;
  readonly unsignedAttributePrefix?: string | undefined;
  readonly algorithmSuite?: "ECDSA" | "HMAC" | undefined;
  readonly acceptAlgorithmSuites?: readonly ("ECDSA" | "HMAC" | undefined)[] | undefined;
  readonly plaintextOverride?: PlaintextOverride | undefined;
  readonly branchKey?: { readonly from?: string | undefined; readonly map?: ReadonlyMap<string, string> | undefined } | undefined;
  readonly revision?: string | undefined;
  readonly include?: readonly (string | undefined)[] | undefined;
  readonly timeToLive?: string | undefined;
  readonly indexes?: ReadonlyMap<string, IndexInput | undefined> | undefined;
  readonly entities?: ReadonlyMap<string, EntityDraft | undefined> | undefined;
  readonly beacons?: ReadonlyMap<string, NamedBeaconInput> | undefined;
  readonly virtualFields?: ReadonlyMap<string, VirtualFieldInput> | undefined;
  readonly compoundBeacons?: ReadonlyMap<string, CompoundBeaconInput> | undefined;
  readonly beaconParts?: SearchInput["beaconParts"] | undefined;
  readonly beaconPartitions?: SearchInput["beaconPartitions"] | undefined;
  readonly beaconKey?: SearchInput["beaconKey"] | undefined;
}

/** An entity as the definition read it. */
export interface EntityDraft {
  readonly when?: ReadonlyMap<string, string | undefined> | undefined;
  readonly attributes?: ReadonlyMap<string, AttributeInput | undefined> | undefined;
}

/** What no property can be checked for by itself. */
export type Rule = (draft: TableDraft, report: Report) => void;

export function keyNames(draft: TableDraft): readonly string[] {
  return [draft.partitionKey, draft.sortKey].filter((name) => name !== undefined);
}

/** The action that a schema gives an attribute by name, in either form. */
export function namedAction(draft: TableDraft, name: string): CryptoAction | undefined {
  const entry = draft.attributes?.get(name);
  return typeof entry === "string" ? entry : entry?.action;
}

/** @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Configuration Version" */
export function formatVersionOf(draft: TableDraft): 1 | 2 {
  for (const name of draft.attributes?.keys() ?? []) {
    if (namedAction(draft, name) === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") return 2;
  }
  return 1;
}

/** @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Key Action" */
export function keyActionOf(draft: TableDraft): CryptoAction {
  return formatVersionOf(draft) === 2 ? "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" : "SIGN_ONLY";
}
