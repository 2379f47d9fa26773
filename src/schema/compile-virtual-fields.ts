import { type Location, locationText, parseLocation } from "./location.ts";
import { type Path, quote, type Report } from "./problems.ts";
import type { VirtualPartInput } from "./search-input.ts";
import { normalizedName } from "./search-names.ts";
import type { VirtualFieldPlan, VirtualPartPlan } from "./search-plan.ts";
import { keyActionOf, keyNames, namedAction, type TableDraft } from "./table-draft.ts";
import type { CryptoAction } from "./table-plan.ts";
import { compileTransform, type Transform, type TransformInput, transformWords } from "./transforms.ts";

/** The virtual fields of a schema, those of normalised attributes included. @see specification/searchable-encryption/virtual.md */
export function compileVirtualFields(draft: TableDraft, report: Report): ReadonlyMap<string, VirtualFieldPlan> {
  const fields = new Map<string, VirtualFieldPlan>();
  const add = (field: VirtualFieldPlan, path: Path): void => {
    const twin = [...fields.values()].find((other) => placesOf(other) === placesOf(field));
    if (twin !== undefined && field.parts.length > 0) {
      report(path, `is built from the same values as ${quote(twin.name)}`, "leave one of them out");
    }
    fields.set(field.name, Object.freeze(field));
  };
  for (const [attribute, entry] of draft.attributes ?? []) {
    const normalize = typeof entry === "object" ? entry.beacon?.normalize : undefined;
    if (normalize === undefined) continue;
    const path = ["attributes", attribute, "beacon"];
    const location = locationOf({ draft, text: attribute, path, report });
    const parts = location === undefined ? [] : [{ location, transforms: [transformWords[normalize]] }];
    add({ name: normalizedName(attribute), parts }, path);
  }
  for (const [name, { parts }] of draft.virtualFields ?? []) {
    const path = ["virtualFields", name];
    const compiled = parts.map((part, index) => compilePart(draft, part, [...path, "parts", index], report));
    add({ name, parts: compiled.filter((part) => part !== undefined) }, path);
  }
  return fields;
}

/** The set of a field's locations, whatever their order. */
function placesOf({ parts }: VirtualFieldPlan): string {
  const places = new Set(parts.map(({ location }) => JSON.stringify(location)));
  return [...places].sort((a, b) => (a < b ? -1 : 1)).join();
}

function compilePart(draft: TableDraft, part: VirtualPartInput, path: Path, report: Report): VirtualPartPlan | undefined {
  const [text, transforms] = typeof part === "string" ? [part, []] : [part.location, part.transforms ?? []];
  const location = locationOf({ draft, text, path: typeof part === "string" ? path : [...path, "location"], report });
  const compiled = transforms.map((transform, index) => oneTransform(transform, [...path, "transforms", index], report));
  return location === undefined ? undefined : { location, transforms: compiled.filter((transform) => transform !== undefined) };
}

function oneTransform(input: TransformInput, path: Path, report: Report): Transform | undefined {
  const said = typeof input === "string" ? 1 : Object.keys(input).length;
  if (said === 1) return compileTransform(input);
  report(path, said === 0 ? "says nothing" : "says several things", "write one transform in each object");
  return undefined;
}

/** What is asked of the attribute that a location begins with. */
export interface LocationRequest {
  readonly draft: TableDraft;
  readonly text: string;
  readonly path: Path;
  readonly report: Report;
  /** Signed in any way unless given. */
  readonly wanted?: "encrypted" | "readable";
}

/** Reads a location whose attribute has a signed action, or reports it. */
export function locationOf({ draft, text, path, report, wanted }: LocationRequest): Location | undefined {
  const location = parseLocation(text);
  if (location === undefined || (path[0] === "attributes" && location.length > 1)) {
    report(
      path,
      `${quote(text)} is no location`,
      "write an attribute without . [ ] in its name, then .key and [index] for values inside it",
    );
    return undefined;
  }
  const action = actionAt(draft, location);
  if (action === undefined) {
    report(path, `names ${quote(location[0])}, which the schema does not name`, "add it to attributes");
  } else if (action === "DO_NOTHING") {
    report(path, `names ${quote(location[0])}, which is DO_NOTHING`, "sign the attribute");
  } else if (wanted === "encrypted" && action !== "ENCRYPT_AND_SIGN") {
    report(
      path,
      `is on ${quote(locationText(location))}, which is ${action} and can be searched as it is`,
      'leave it out, or make the attribute "ENCRYPT_AND_SIGN"',
    );
  } else if (wanted === "readable" && action === "ENCRYPT_AND_SIGN") {
    report(
      path,
      `is built from ${quote(locationText(location))}, which is ENCRYPT_AND_SIGN and would become readable`,
      "make it an encrypted part",
    );
  }
  return location;
}

/** The action of the attribute that a location begins with, where the schema names it. */
export function actionAt(draft: TableDraft, [attribute]: Location): CryptoAction | undefined {
  return namedAction(draft, attribute) ?? (keyNames(draft).includes(attribute) ? keyActionOf(draft) : undefined);
}
