import { CompoundBeaconCompiler } from "./compile-compound-beacons.ts";
import { compileStandardBeacons } from "./compile-standard-beacons.ts";
import { compileVirtualFields } from "./compile-virtual-fields.ts";
import type { Report } from "./problems.ts";
import { checkBeaconKey, checkNames, searchNames } from "./search-names.ts";
import type { BeaconPlan, PartitionCounts, SearchPlan } from "./search-plan.ts";
import type { TableDraft } from "./table-draft.ts";

/**
 * Compiles what a schema says about searching, and reports what the specification refuses.
 *
 * @param draft a draft that was read without a problem
 * @returns `undefined` where the schema has no beacon
 * @see specification/searchable-encryption/search-config.md "Beacon Version Initialization"
 * @see specification/searchable-encryption/search-config.md "Overview"
 */
export function compileSearch(draft: TableDraft, report: Report): SearchPlan | undefined {
  const names = searchNames(draft);
  if (names.length === 0 && draft.beaconKey === undefined && draft.beaconParts === undefined && draft.beaconPartitions === undefined) {
    return undefined;
  }
  checkNames(draft, names, report);
  const virtualFields = compileVirtualFields(draft, report);
  const partitions = partitionsOf(draft, report);
  const { beacons: standard, normalized } = compileStandardBeacons({ draft, virtualFields, partitions, report });
  if (!names.some(({ standard }) => standard)) {
    const [first] = names;
    const property = first?.path[0] ?? (draft.beaconKey === undefined ? "beaconPartitions" : "beaconKey");
    report([property], "needs at least one beacon on an encrypted attribute", 'add one: "beacon": { "length": … }');
  }
  const compounds = new CompoundBeaconCompiler(draft, standard, report).compile();
  for (const { name, path } of names) {
    const beacon = standard.get(name);
    if (beacon?.partOnly !== true || compounds.some(({ parts }) => parts.some((part) => part.beacon === beacon))) continue;
    report(
      [...path, "style"],
      "is partOnly, and no compound beacon has it as a part",
      "add it to a compound beacon, or leave the style out",
    );
  }
  checkBeaconKey(draft, names, report);
  const beacons: ReadonlyMap<string, BeaconPlan> = new Map<string, BeaconPlan>([
    ...standard,
    ...compounds.map((beacon) => [beacon.name, beacon] as const),
  ]);
  return Object.freeze<SearchPlan>({
    beacons,
    virtualFields,
    normalized,
    partitions: partitions.number,
    beaconKeyFrom: draft.beaconKey?.from,
  });
}

/** @see specification/searchable-encryption/search-config.md "Max Partitions", "Default Partitions" */
function partitionsOf({ beaconPartitions = 1 }: TableDraft, report: Report): PartitionCounts {
  if (typeof beaconPartitions === "number") return { number: beaconPartitions, default: beaconPartitions };
  if (beaconPartitions.default >= beaconPartitions.number) {
    report(["beaconPartitions", "default"], "is not less than number", "write a smaller one, or only the number");
  }
  return beaconPartitions;
}
