import { type Path, quote, type Report } from "./problems.ts";
import { searchNames } from "./search-names.ts";
import { keyNames, namedAction, type Rule, type TableDraft } from "./table-draft.ts";

/** What DynamoDB itself has to read: the time to live, the keys of indexes, the attributes that tell entities apart. */
export const tableRules: readonly Rule[] = [timeToLiveIsReadable, indexKeysAreReadable, discriminatorsAreReadable, includeIsResolved];

function timeToLiveIsReadable(draft: TableDraft, report: Report): void {
  const name = draft.timeToLive;
  if (name === undefined || draft.attributes === undefined) return;
  const path = ["timeToLive"];
  if (keyNames(draft).includes(name)) {
    report(path, `names the key ${quote(name)}, which cannot be changed`, "name a number of its own");
    return;
  }
  requireStored(draft, name, path, report);
  if (encrypts(draft, name)) {
    const problem = `names ${quote(name)}, which is encrypted: DynamoDB could not read it, and nothing would ever expire`;
    report(path, problem, `make ${quote(name)} "SIGN_ONLY" or "DO_NOTHING"`);
  }
}

function indexKeysAreReadable(draft: TableDraft, report: Report): void {
  if (draft.attributes === undefined) return;
  const searched = new Set(searchNames(draft).map(({ name }) => name));
  for (const [index, keys] of draft.indexes ?? []) {
    if (keys === undefined) continue;
    if (keys.sortKey !== undefined && keys.sortKey === keys.partitionKey) {
      report(["indexes", index, "sortKey"], "is the index's partition key", "name the sort key, or leave it out if the index has none");
    }
    for (const property of ["partitionKey", "sortKey"] as const) {
      const name = keys[property];
      if (name === undefined || searched.has(name)) continue;
      const path = ["indexes", index, property];
      requireStored(draft, name, path, report);
      if (!encrypts(draft, name)) continue;
      const problem = `names ${quote(name)}, which is encrypted and has no beacon: no query could find it`;
      report(path, problem, `give ${quote(name)} a beacon, or make it "SIGN_ONLY"`);
    }
  }
}

function discriminatorsAreReadable(draft: TableDraft, report: Report): void {
  if (draft.attributes === undefined) return;
  for (const [entity, { when } = { when: undefined }] of draft.entities ?? []) {
    for (const name of when?.keys() ?? []) {
      const path = ["entities", entity, "when", name];
      requireStored(draft, name, path, report);
      if (!encrypts(draft, name)) continue;
      report(path, "is encrypted, so that nobody could tell entities apart by it", `make ${quote(name)} "SIGN_ONLY"`);
    }
  }
}

/** Whether an item stores the attribute encrypted. */
function encrypts(draft: TableDraft, name: string): boolean {
  if (keyNames(draft).includes(name)) return false;
  if (draft.attributes?.has(name) === true) return namedAction(draft, name) === "ENCRYPT_AND_SIGN";
  if (isUnsigned(draft, name)) return false;
  return draft.otherAttributes === "ENCRYPT_AND_SIGN";
}

/** An attribute of which the schema says nothing can never be written. */
function requireStored(draft: TableDraft, name: string, path: Path, report: Report): void {
  const known = keyNames(draft).includes(name) || draft.attributes?.has(name) === true || isUnsigned(draft, name);
  if (known || draft.otherAttributes !== undefined) return;
  report(path, `names ${quote(name)}, which the schema does not`, `add ${quote(name)}: "SIGN_ONLY" to attributes`);
}

function isUnsigned(draft: TableDraft, name: string): boolean {
  const prefix = draft.unsignedAttributePrefix;
  return draft.unsignedAttributes?.includes(name) === true || (prefix !== undefined && name.startsWith(prefix));
}

function includeIsResolved({ include }: TableDraft, report: Report): void {
  if (include === undefined) return;
  const remedy = "load the file with loadSchemas, or write attributes: { ...personalData } in code";
  report(["include"], "names files, which only loadSchemas reads", remedy);
}
