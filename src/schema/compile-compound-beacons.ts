import { locationOf } from "./compile-virtual-fields.ts";
import { type Path, quote, type Report } from "./problems.ts";
import type { BeaconPartsInput, CompoundBeaconInput, EncryptedPartInput, SignedPartInput } from "./search-input.ts";
import type { CompoundBeaconPlan, ConstructorPartPlan, PartPlan, StandardBeaconPlan } from "./search-plan.ts";
import { keyNames, type TableDraft } from "./table-draft.ts";

interface Placed {
  readonly part: PartPlan;
  readonly path: Path;
}

/**
 * @see specification/searchable-encryption/beacons.md "Compound Beacon Initialization"
 * @see specification/searchable-encryption/beacons.md "Compound Beacon", "Signed Part Initialization", "Encrypted Part Initialization"
 * @see specification/searchable-encryption/beacons.md "Constructor Initialization", "Constructor Part Initialization"
 * @see specification/searchable-encryption/beacons.md "Default Construction"
 */
export class CompoundBeaconCompiler {
  readonly #draft: TableDraft;
  readonly #standard: ReadonlyMap<string, StandardBeaconPlan>;
  readonly #report: Report;

  constructor(draft: TableDraft, standard: ReadonlyMap<string, StandardBeaconPlan>, report: Report) {
    this.#draft = draft;
    this.#standard = standard;
    this.#report = report;
  }

  compile(): readonly CompoundBeaconPlan[] {
    const common = this.#parts(this.#draft.beaconParts ?? {}, ["beaconParts"]);
    const compounds = [...(this.#draft.compoundBeacons ?? [])];
    if (compounds.length === 0) this.#checkPrefixes(common);
    return compounds.map(([name, input]) => this.#compound(name, input, common));
  }

  #compound(name: string, input: CompoundBeaconInput, common: readonly Placed[]): CompoundBeaconPlan {
    const path = ["compoundBeacons", name];
    const local = this.#parts(input, path);
    if (input.constructors === undefined && local.length === 0) {
      this.#report(path, "has neither parts of its own nor constructors", "add encrypted or signed parts, or constructors");
    }
    const used = new Set(input.constructors?.flat().map(nameOf));
    const all = [...common.filter(({ part }) => used.has(part.name)), ...local];
    this.#checkPrefixes([...common, ...local]);
    for (const { part, path } of all) {
      if (!part.prefix.includes(input.split)) continue;
      // Java takes it (vector "configuration: split inside a prefix"), though no query can then be parsed.
      this.#report(
        [...path, "prefix"],
        `holds ${quote(input.split)}, which splits ${quote(name)}`,
        "choose another prefix or split character",
      );
    }
    const parts = [...all.filter(({ part }) => part.beacon === undefined), ...all.filter(({ part }) => part.beacon !== undefined)].map(
      ({ part }) => part,
    );
    const constructors =
      input.constructors === undefined
        ? [parts.map((part) => ({ part, required: true }))]
        : this.#constructors(input.constructors, parts, [...path, "constructors"]);
    return Object.freeze<CompoundBeaconPlan>({
      kind: "compound",
      name,
      split: input.split,
      parts,
      constructors,
      encrypted: parts.some(({ beacon }) => beacon !== undefined),
    });
  }

  #parts({ encrypted = [], signed = [] }: BeaconPartsInput, path: Path): readonly Placed[] {
    return [
      ...signed.map((part, index) => this.#signedPart(part, [...path, "signed", index])),
      ...encrypted.map((part, index) => this.#encryptedPart(part, [...path, "encrypted", index])),
    ].filter((placed) => placed !== undefined);
  }

  #signedPart({ name, prefix, location: text = name }: SignedPartInput, path: Path): Placed | undefined {
    const location = locationOf({ draft: this.#draft, text, path, report: this.#report, wanted: "readable" });
    if (location !== undefined && keyNames(this.#draft).includes(location[0]) && this.#draft.compoundBeacons?.has(location[0]) === true) {
      this.#report(path, `is built from the key ${quote(location[0])}, which is a signed beacon itself`, "build it from other attributes");
    }
    return location === undefined ? undefined : { part: Object.freeze({ name, prefix, source: { location }, beacon: undefined }), path };
  }

  #encryptedPart({ name, prefix }: EncryptedPartInput, path: Path): Placed | undefined {
    const beacon = this.#standard.get(name);
    if (beacon === undefined) {
      this.#report([...path, "name"], `names ${quote(name)}, which is no beacon`, "name a beacon, or give the attribute one");
      return undefined;
    }
    if (beacon.asSet) this.#report([...path, "name"], `names ${quote(name)}, which is a set`, "name a beacon of single values");
    return { part: Object.freeze({ name, prefix, source: beacon.source, beacon }), path };
  }

  /** @see specification/searchable-encryption/beacons.md "Initialization Failure" */
  #checkPrefixes(all: readonly Placed[]): void {
    all.forEach(({ part, path }, index) => {
      for (const { part: earlier } of all.slice(0, index)) {
        if (part.name === earlier.name) this.#report([...path, "name"], `is the name of two parts`, "choose another name");
        if (part.prefix.startsWith(earlier.prefix) || earlier.prefix.startsWith(part.prefix)) {
          const problem = `${quote(part.prefix)} cannot be told from ${quote(earlier.prefix)} of ${quote(earlier.name)}`;
          this.#report([...path, "prefix"], problem, "choose prefixes of which none begins with another");
        }
      }
    });
  }

  #constructors(
    inputs: NonNullable<CompoundBeaconInput["constructors"]>,
    parts: readonly PartPlan[],
    path: Path,
  ): readonly (readonly ConstructorPartPlan[])[] {
    const seen = new Set<string>();
    return inputs.map((input, index) => {
      const compiled: ConstructorPartPlan[] = [];
      input.forEach((entry, position) => {
        const part = parts.find(({ name }) => name === nameOf(entry));
        if (part === undefined) this.#report([...path, index, position], `names ${quote(nameOf(entry))}, which is no part`, "add the part");
        else compiled.push({ part, required: typeof entry === "string" });
      });
      const required = compiled.filter((part) => part.required).map(({ part }) => part.name);
      if (required.length === 0) this.#report([...path, index], "has no required part", "write one part by its name alone");
      const key = JSON.stringify(required.toSorted((a, b) => (a < b ? -1 : 1)));
      if (seen.has(key) && required.length > 0) {
        this.#report([...path, index], "requires the same parts as an earlier one, so it is never reached", "leave it out");
      }
      seen.add(key);
      return compiled;
    });
  }
}

function nameOf(entry: string | { readonly optional: string }): string {
  return typeof entry === "string" ? entry : entry.optional;
}
