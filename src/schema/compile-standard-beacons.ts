import { actionAt, locationOf } from "./compile-virtual-fields.ts";
import { type Path, quote, type Report } from "./problems.ts";
import type { BeaconInput } from "./search-input.ts";
import { normalizedName } from "./search-names.ts";
import type { NormalizedAttribute, PartitionCounts, StandardBeaconPlan, ValueSource, VirtualFieldPlan } from "./search-plan.ts";
import type { TableDraft } from "./table-draft.ts";

interface Request {
  readonly draft: TableDraft;
  readonly virtualFields: ReadonlyMap<string, VirtualFieldPlan>;
  readonly partitions: PartitionCounts;
  readonly report: Report;
}

interface Entry {
  readonly name: string;
  readonly input: BeaconInput;
  readonly path: Path;
  readonly source: ValueSource | undefined;
}

/**
 * @see specification/searchable-encryption/beacons.md "Standard Beacon Initialization"
 * @see specification/searchable-encryption/beacons.md "PartOnly Initialization", "AsSet Initialization", "Shared Initialization"
 * @see specification/searchable-encryption/beacons.md "SharedSet Initialization"
 */
export function compileStandardBeacons(request: Request): {
  readonly beacons: ReadonlyMap<string, StandardBeaconPlan>;
  readonly normalized: ReadonlyMap<string, NormalizedAttribute>;
} {
  const entries = [...attributeEntries(request), ...namedEntries(request), ...virtualEntries(request)];
  const inputs = new Map(entries.map(({ name, input }) => [name, input]));
  checkPlaces(request, entries);
  const beacons = new Map<string, StandardBeaconPlan>();
  for (const entry of entries) {
    checkStyle(request, entry, inputs);
    if (entry.source !== undefined) beacons.set(entry.name, compileBeacon(entry, entry.source, request.partitions));
  }
  const normalized = new Map<string, NormalizedAttribute>();
  for (const [attribute, entry] of request.draft.attributes ?? []) {
    const normalize = typeof entry === "object" ? entry.beacon?.normalize : undefined;
    const beacon = beacons.get(normalizedName(attribute));
    if (normalize !== undefined && beacon !== undefined) normalized.set(attribute, Object.freeze({ normalize, beacon }));
  }
  return { beacons, normalized };
}

function* attributeEntries({ draft, virtualFields, report }: Request): Generator<Entry> {
  for (const [attribute, entry] of draft.attributes ?? []) {
    if (typeof entry !== "object" || entry.beacon === undefined) continue;
    const input = entry.beacon;
    const path = ["attributes", attribute, "beacon"];
    const location = locationOf({ draft, text: attribute, path, report, wanted: "encrypted" });
    const virtualField = input.normalize === undefined ? undefined : virtualFields.get(normalizedName(attribute));
    const source = virtualField !== undefined ? { virtualField } : location === undefined ? undefined : { location };
    yield { name: virtualField?.name ?? attribute, input, path, source };
  }
}

/** On a value inside an attribute, on another attribute, or on a virtual field. */
function* namedEntries(request: Request): Generator<Entry> {
  const { draft, virtualFields, report } = request;
  for (const [name, input] of draft.beacons ?? []) {
    const path = ["beacons", name];
    const virtualField = virtualFields.get(input.location);
    if (virtualField !== undefined) {
      yield virtualEntry(request, { name, input, path, virtualField });
      continue;
    }
    const location = locationOf({ draft, text: input.location, path: [...path, "location"], report, wanted: "encrypted" });
    yield { name, input, path, source: location === undefined ? undefined : { location } };
  }
}

function* virtualEntries(request: Request): Generator<Entry> {
  for (const [name, { beacon }] of request.draft.virtualFields ?? []) {
    const virtualField = request.virtualFields.get(name);
    if (beacon === undefined || virtualField === undefined) continue;
    yield virtualEntry(request, { name, input: beacon, path: ["virtualFields", name, "beacon"], virtualField });
  }
}

function virtualEntry(
  { draft, report }: Request,
  { virtualField, ...entry }: Omit<Entry, "source"> & { readonly virtualField: VirtualFieldPlan },
): Entry {
  if (!virtualField.parts.some(({ location }) => actionAt(draft, location) === "ENCRYPT_AND_SIGN")) {
    report(
      entry.path,
      "is on values that are all readable, and can be searched as they are",
      "leave it out, or use an encrypted attribute",
    );
  }
  return { ...entry, source: { virtualField } };
}

function compileBeacon({ name, input }: Entry, source: ValueSource, partitions: PartitionCounts): StandardBeaconPlan {
  return Object.freeze<StandardBeaconPlan>({
    kind: "standard",
    name,
    source: Object.freeze(source),
    length: input.length,
    partOnly: input.style === "partOnly",
    asSet: isSet(input),
    keyName: input.sharedWith ?? name,
    partitions: input.partitions ?? partitions.default,
  });
}

function isSet({ style }: BeaconInput): boolean {
  return style === "asSet" || style === "sharedSet";
}

function checkPlaces({ virtualFields, report }: Request, entries: readonly Entry[]): void {
  const taken = new Map<string, string>();
  for (const { name, parts } of virtualFields.values()) {
    const [part, ...more] = parts;
    if (part !== undefined && more.length === 0) taken.set(JSON.stringify(part.location), name);
  }
  for (const { name, path, source } of entries) {
    if (source === undefined) continue;
    const place = "location" in source ? JSON.stringify(source.location) : `virtual field ${source.virtualField.name}`;
    const other = taken.get(place);
    if (other !== undefined) report(path, `is on the same value as ${quote(other)}`, "leave one of them out");
    taken.set(place, name);
  }
}

/** @see specification/searchable-encryption/beacons.md "Beacon Style Initialization" */
function checkStyle({ partitions, report }: Request, { name, input, path, source }: Entry, inputs: ReadonlyMap<string, BeaconInput>): void {
  const { style, sharedWith, length } = input;
  const shares = style === "shared" || style === "sharedSet";
  if (shares !== (sharedWith !== undefined)) {
    if (shares) report([...path, "sharedWith"], "is missing", "name the beacon whose hash this one shares");
    else report([...path, "sharedWith"], `is given, but the style is not "shared" or "sharedSet"`, "add the style, or leave it out");
  }
  if (isSet(input) && source !== undefined && "virtualField" in source) {
    report([...path, "style"], `is ${quote(style ?? "")}, but a virtual field is one text`, "leave the style out");
  }
  if (input.partitions !== undefined && input.partitions >= partitions.number) {
    report([...path, "partitions"], "is not less than beaconPartitions", "write a smaller number, or leave it out");
  }
  if (sharedWith === undefined) return;
  const other = inputs.get(sharedWith);
  const at = [...path, "sharedWith"];
  if (sharedWith === name) report(at, "names the beacon itself", "name another beacon");
  else if (other === undefined) report(at, `names ${quote(sharedWith)}, which is no beacon with a hash of its own`, "name another beacon");
  else if (other.sharedWith !== undefined)
    report(at, `names ${quote(sharedWith)}, which shares the hash of a third`, `name ${quote(other.sharedWith)}`);
  else if (other.length !== length) report([...path, "length"], `differs from the length of ${quote(sharedWith)}`, `write ${other.length}`);
}
