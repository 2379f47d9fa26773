import { type Path, quote, type Report } from "./problems.ts";
import { namedAction, type TableDraft } from "./table-draft.ts";
import type { AttributeInput } from "./table-schema.ts";

/** The attributes of a table and of all its entities as one table's, and where each of them was written. */
export interface MergedAttributes {
  readonly draft: TableDraft;
  /** Reports under the path that the author wrote. */
  readonly report: Report;
}

/**
 * Adds the attributes of entities to those of their table. Items are encrypted by the table's attributes alone: what an
 * item is decides nothing, so that whoever changes its discriminator changes nothing either.
 *
 * Attributes may stand in several entities; they have one action, and at most one beacon, in all of them.
 */
export function withEntities(draft: TableDraft, report: Report): MergedAttributes {
  if (draft.entities === undefined || draft.attributes === undefined) return { draft, report };
  const attributes = new Map<string, AttributeInput | undefined>(draft.attributes);
  const places = new Map<string, Path>();
  for (const [entity, value] of draft.entities) {
    for (const [name, input] of value?.attributes ?? []) {
      const path = ["entities", entity, "attributes", name];
      if (!attributes.has(name)) {
        attributes.set(name, input);
        places.set(name, path);
      } else if (!agrees(attributes.get(name), input)) {
        const elsewhere = (places.get(name)?.slice(0, 2) ?? ["attributes"]).join(".");
        const remedy = "say the same in both, or name it once in the table's attributes";
        report(path, `is ${settingsOf(input)}, and in ${quote(elsewhere)} it is ${settingsOf(attributes.get(name))}`, remedy);
      }
    }
  }
  return {
    draft: { ...draft, attributes },
    report: (path, problem, remedy) => {
      const place = path[0] === "attributes" && typeof path[1] === "string" ? places.get(path[1]) : undefined;
      report(place === undefined ? path : [...place, ...path.slice(2)], problem, remedy);
    },
  };
}

/** What was wrong by itself was reported already. */
function agrees(a: AttributeInput | undefined, b: AttributeInput | undefined): boolean {
  return a === undefined || b === undefined || (settingsOf(a) === settingsOf(b) && sameBeacon(a, b));
}

function settingsOf(input: AttributeInput | undefined): string {
  return namedAction({ attributes: new Map([["", input]]) }, "") ?? "";
}

function sameBeacon(a: AttributeInput, b: AttributeInput): boolean {
  const [left, right] = [a, b].map((input) => (typeof input === "string" ? undefined : input.beacon));
  const text = (beacon: object | undefined): string => JSON.stringify(Object.entries(beacon ?? {}).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(left) === text(right);
}
