import type { AttributeMap } from "../../attributes/index.ts";
import {
  and,
  attributeNotExists,
  type Condition,
  compare,
  type PlaceholderWriter,
  path,
  printCondition,
  value,
} from "../../expressions/index.ts";
import { keyAttributes } from "../../item/index.ts";
import { isReplication, isSigned, type TablePlan } from "../../schema/index.ts";
import { footerName, headerName } from "../../structure/index.ts";
import { footerOf } from "../../tables/index.ts";
import type { ReadItem } from "./read-item.ts";

/** What a write has decided on beside the item's signed part. */
export interface Decided {
  /** Unsigned attributes whose values it read. */
  readonly pinned: ReadonlySet<string>;
  /** Every attribute that it names; for rows without a footer. */
  readonly named: ReadonlySet<string>;
}

/**
 * Holds exactly as long as the item is what was read: its footer stands for all that is signed. A row without footer
 * has every attribute pinned that is not unsigned, and the absence of those that the write names.
 */
export function guardOf(plan: TablePlan, read: ReadItem, { pinned, named }: Decided): readonly [Condition, ...Condition[]] {
  const { row } = read;
  if (row === undefined) return [attributeNotExists(path(plan.partitionKey))];
  const footer = footerOf(row);
  if (read.actions !== undefined && footer !== undefined)
    return [compare(path(footerName), "=", value({ B: footer })), ...pins(row, pinned)];
  const keys = keyAttributes(plan);
  const signed = [...new Set([...Object.keys(row), ...named])].filter((name) => isSigned(plan, name) && !keys.includes(name));
  return [attributeNotExists(path(headerName)), attributeNotExists(path(footerName)), ...pins(row, new Set([...signed, ...pinned]))];
}

/** The attributes are what they were, or still absent. The service's own bookkeeping is never pinned. */
export function pins(row: AttributeMap, attributes: Iterable<string>): readonly Condition[] {
  return [...attributes]
    .filter((name) => !isReplication(name))
    .map((name) => {
      const stored = Object.hasOwn(row, name) ? row[name] : undefined;
      return stored === undefined ? attributeNotExists(path(name)) : compare(path(name), "=", value(stored));
    });
}

/** The text of all of the conditions together. */
export function printAll([first, ...rest]: readonly [Condition, ...Condition[]], writer: PlaceholderWriter): string {
  return printCondition(and(first, ...rest), writer);
}
