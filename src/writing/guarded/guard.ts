import type { AttributeMap } from "../../attributes/index.ts";
import { and, attributeExists, attributeNotExists, type Condition, compare, path, value } from "../../expressions/index.ts";
import { keyAttributes } from "../../item/index.ts";
import { isReplication, isSigned, type TablePlan } from "../../schema/index.ts";
import { footerName, headerName } from "../../structure/index.ts";
import { footerOf } from "../../tables/index.ts";
import type { DividedCondition } from "./divide-condition.ts";
import type { ReadItem } from "./read-item.ts";

/** What a write has decided on beside the item's signed part. */
export interface Decided {
  /** Unsigned attributes whose values it read. */
  readonly pinned: ReadonlySet<string>;
  /** Every attribute that it names; for rows without a footer. */
  readonly named: ReadonlySet<string>;
}

/**
 * What a guard holds in place of a plain row, which has no footer to stand for all of it: the signed attributes that the
 * write names; those of the row as well; or the absence of all others that the schema signs, too.
 */
export type Breadth = "named" | "row" | "schema";

/** All of a guard's conditions. */
export type Guard = readonly [Condition, ...Condition[]];

/**
 * Holds exactly as long as the item is what was read: its footer stands for all that is signed. A plain row has to be
 * there, still in plain, and as far as `breadth` says what it was.
 */
export function guardOf(plan: TablePlan, read: ReadItem, { pinned, named }: Decided, breadth: Breadth): Guard {
  const { row } = read;
  if (row === undefined) return [attributeNotExists(path(plan.partitionKey))];
  const footer = footerOf(row);
  if (read.actions !== undefined && footer !== undefined) return [footerGuard(footer), ...pins(row, pinned)];
  const keys = keyAttributes(plan);
  const held = new Set([
    ...named,
    ...(breadth === "named" ? [] : Object.keys(row)),
    ...(breadth === "schema" ? plan.actions.keys() : []),
    ...(plan.revision === undefined ? [] : [plan.revision]),
  ]);
  const signed = [...held].filter((name) => isSigned(plan, name) && !keys.includes(name));
  return [
    attributeNotExists(path(headerName)),
    attributeNotExists(path(footerName)),
    attributeExists(path(plan.partitionKey)),
    ...pins(row, new Set([...signed, ...pinned])),
  ];
}

/** The item is one that was written with this footer. */
export function footerGuard(footer: Uint8Array): Condition {
  return compare(path(footerName), "=", value({ B: footer }));
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

/** All of the conditions together. */
export function allOf([first, ...rest]: Guard): Condition {
  return and(first, ...rest);
}

/**
 * The guard with the application's own terms on unsigned attributes, which the service decides; and, should that be too
 * large, with what they read pinned in their place, since they were decided on it.
 */
export function conditionGuards(guard: Guard, { row }: ReadItem, { native, nativeNames }: DividedCondition): readonly Guard[] {
  if (native.length === 0) return [guard];
  const decided: Guard = row === undefined ? guard : [...guard, ...pins(row, nativeNames)];
  return [[...guard, ...native], decided];
}
