import { suiteByName } from "../crypto/index.ts";
import type { SearchPlan } from "./search-plan.ts";
import { formatVersionOf, keyActionOf, keyNames, namedAction, type TableDraft } from "./table-draft.ts";
import type { CryptoAction, TablePlan } from "./table-plan.ts";
import type { TableInput, TableSchema } from "./table-schema.ts";

/** A draft in which nothing was wrong. */
export type CheckedDraft = TableDraft & Pick<Required<TableInput>, "tableName" | "partitionKey">;

/** Fills in the defaults. */
export function compilePlan(draft: CheckedDraft, search: SearchPlan | undefined): TablePlan {
  const actions = new Map<string, CryptoAction>();
  for (const name of keyNames(draft)) actions.set(name, keyActionOf(draft));
  for (const name of draft.attributes?.keys() ?? []) {
    const action = namedAction(draft, name);
    if (action !== undefined) actions.set(name, action);
  }
  for (const beacon of search?.beacons.values() ?? []) {
    // A signed beacon is an attribute of its own, or a key. @see specification/searchable-encryption/beacons.md "Signed Beacons"
    if (beacon.kind === "compound" && !beacon.encrypted && !actions.has(beacon.name)) actions.set(beacon.name, "SIGN_ONLY");
  }
  const doNothing = [...actions].filter(([, action]) => action === "DO_NOTHING").map(([name]) => name);
  const listed = draft.unsignedAttributes?.filter((name) => name !== undefined) ?? [];
  const from = draft.branchKey?.from;
  return Object.freeze<TablePlan>({
    tableName: draft.tableName,
    partitionKey: draft.partitionKey,
    sortKey: draft.sortKey,
    actions,
    otherAttributes: draft.otherAttributes,
    unsignedAttributes: new Set([...doNothing, ...listed]),
    unsignedAttributePrefix: draft.unsignedAttributePrefix,
    algorithmSuite: suiteByName(draft.algorithmSuite ?? "ECDSA"),
    acceptedSuites:
      draft.acceptAlgorithmSuites && new Set(draft.acceptAlgorithmSuites.filter((name) => name !== undefined).map(suiteByName)),
    formatVersion: formatVersionOf(draft),
    plaintextOverride: draft.plaintextOverride ?? "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
    branchKey: from === undefined ? undefined : Object.freeze({ from, map: draft.branchKey?.map }),
    revision: draft.revision,
    timeToLive: draft.timeToLive,
    indexes: indexPlans(draft),
    search,
  });
}

function indexPlans({ indexes = new Map() }: TableDraft): TablePlan["indexes"] {
  const plans = [...indexes].flatMap(([name, index]) => {
    const { partitionKey, sortKey, read } = index ?? {};
    return partitionKey === undefined ? [] : [[name, Object.freeze({ partitionKey, sortKey, read })] as const];
  });
  return new Map(plans);
}

/** The public form: as written, without `$schema`, frozen to the last level, its maps without prototype. */
export function freezeSchema(draft: CheckedDraft): TableSchema {
  const { $schema: _editorsOnly, ...written } = draft as CheckedDraft & Pick<TableInput, "$schema">;
  return freezeDeep(written) as TableSchema;
}

function freezeDeep(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freezeDeep));
  if (typeof value !== "object" || value === null) return value;
  const isMap = value instanceof Map;
  const copy = Object.create(isMap ? null : Object.prototype) as Record<string, unknown>;
  for (const [name, entry] of isMap ? (value as Map<string, unknown>) : Object.entries(value)) copy[name] = freezeDeep(entry);
  return Object.freeze(copy);
}
