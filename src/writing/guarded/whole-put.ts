import type { AttributeMap } from "../../attributes/index.ts";
import { reservedPrefix } from "../../item/index.ts";
import { isReplication, isSigned, type TablePlan } from "../../schema/index.ts";
import { printFitting } from "./expression-size.ts";
import type { Guard } from "./guard.ts";
import type { WriteAction } from "./guarded-write.ts";
import type { ReadItem } from "./read-item.ts";

/** A write that takes the place of the whole item. */
export interface WholePut {
  readonly plan: TablePlan;
  readonly TableName: string | undefined;
  readonly read: ReadItem;
  readonly stored: AttributeMap;
  /** The guards to choose from, given all that has to be pinned. */
  readonly guards: (pinned: ReadonlySet<string>) => readonly Guard[];
  readonly pinned: ReadonlySet<string>;
}

/**
 * In the place of an update whose expression would be too large: the whole item, where the guard can hold everything
 * that a Put overwrites. It pins every unsigned attribute, and the absence of those that the schema names.
 *
 * @returns `undefined` where it cannot
 */
export function wholePut({ plan, TableName, read, stored, guards, pinned }: WholePut): WriteAction | undefined {
  const rowNames = Object.keys(read.row ?? {});
  const unsigned = rowNames.filter((name) => !isSigned(plan, name) && !name.startsWith(reservedPrefix));
  // Attributes under a prefix cannot be pinned as absent, and the service's bookkeeping not at all. No item has neither.
  const overwrites = read.row !== undefined && (plan.unsignedAttributePrefix !== undefined || rowNames.some((name) => isReplication(name)));
  if (overwrites) return undefined;
  const printed = printFitting(guards(new Set([...pinned, ...unsigned, ...plan.unsignedAttributes])));
  return printed && { kind: "Put", input: { TableName, Item: { ...stored }, ...printed } };
}
