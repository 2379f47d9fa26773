import { type Path, quote, type Report } from "./problems.ts";
import type { CompoundBeaconInput } from "./search-input.ts";
import { keyNames, namedAction, type TableDraft } from "./table-draft.ts";

/** A name that can stand in a query without being an attribute's, or an attribute's with a beacon. */
export interface SearchName {
  readonly name: string;
  readonly path: Path;
  /** Whether a standard beacon has this name. */
  readonly standard: boolean;
  /**
   * Which attribute may have this name too: the one that the beacon is on; an encrypted one, of which a query cannot speak
   * by its name then; the table's key, which a signed beacon makes.
   */
  readonly shares: "own" | "encrypted" | "key" | "none";
}

/** The virtual field that stands for a normalised attribute. */
export function normalizedName(attribute: string): string {
  return `${attribute}_normalized`;
}

/** Everything that search gives a name to, in the order of the schema. */
export function searchNames(draft: TableDraft): readonly SearchName[] {
  const names: SearchName[] = [];
  for (const [attribute, entry] of draft.attributes ?? []) {
    if (typeof entry !== "object" || entry.beacon === undefined) continue;
    const path = ["attributes", attribute, "beacon"];
    const { normalize } = entry.beacon;
    if (normalize === undefined) names.push({ name: attribute, path, standard: true, shares: "own" });
    else names.push({ name: normalizedName(attribute), path, standard: true, shares: "none" });
  }
  for (const name of draft.beacons?.keys() ?? []) {
    names.push({ name, path: ["beacons", name], standard: true, shares: "encrypted" });
  }
  for (const [name, { beacon }] of draft.virtualFields ?? []) {
    names.push({ name, path: ["virtualFields", name], standard: beacon !== undefined, shares: "none" });
  }
  for (const [name, input] of draft.compoundBeacons ?? []) {
    const shares = hasHashedPart(draft, input) ? "encrypted" : "key";
    names.push({ name, path: ["compoundBeacons", name], standard: false, shares });
  }
  return names;
}

function hasHashedPart({ beaconParts }: TableDraft, { encrypted, constructors = [] }: CompoundBeaconInput): boolean {
  const used = new Set(constructors.flat().map((part) => (typeof part === "string" ? part : part.optional)));
  return (encrypted?.length ?? 0) > 0 || (beaconParts?.encrypted ?? []).some(({ name }) => used.has(name));
}

/** @see specification/searchable-encryption/search-config.md "Beacon Version Initialization" */
export function checkNames(draft: TableDraft, names: readonly SearchName[], report: Report): void {
  const remedy = "choose another name";
  const seen = new Set<string>();
  for (const { name, path, shares } of names) {
    if (seen.has(name)) report(path, `has the name ${quote(name)}, which another beacon or virtual field has`, remedy);
    seen.add(name);
    if (keyNames(draft).includes(name)) {
      if (shares !== "key") report(path, `has the name ${quote(name)}, which a key has`, remedy);
      continue;
    }
    if (shares === "own") continue;
    const action = namedAction(draft, name);
    const isShared = action === "ENCRYPT_AND_SIGN" && shares === "encrypted";
    if (!isShared && (action !== undefined || draft.unsignedAttributes?.includes(name) === true)) {
      report(path, `has the name ${quote(name)}, which an attribute has`, remedy);
    } else if (draft.unsignedAttributePrefix !== undefined && name.startsWith(draft.unsignedAttributePrefix)) {
      report(path, `has the name ${quote(name)}, which begins with unsignedAttributePrefix`, remedy);
    }
  }
}

/** @see specification/searchable-encryption/search-config.md "Beacon Key Field Name" */
export function checkBeaconKey(draft: TableDraft, names: readonly SearchName[], report: Report): void {
  const from = draft.beaconKey?.from;
  if (from === undefined) return;
  const path = ["beaconKey", "from"];
  if (namedAction(draft, from) === "ENCRYPT_AND_SIGN") {
    report(path, `names ${quote(from)}, which is ENCRYPT_AND_SIGN`, "name an attribute that stays readable");
  } else if (names.some(({ name }) => name === from)) {
    report(path, `names ${quote(from)}, which is a beacon or virtual field`, "name an attribute");
  }
}
