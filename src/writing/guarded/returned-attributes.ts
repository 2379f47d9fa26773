import { type AttributeMap, attributeMap } from "../../attributes/index.ts";
import { applyProjection, type Path } from "../../expressions/index.ts";
import { reservedPrefix } from "../../item/index.ts";
import { isSigned, type TablePlan } from "../../schema/index.ts";
import type { SdkItem } from "../../tables/index.ts";

/** The part of an item that `ReturnValues` asks for. */
export type ReturnValues = "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";

/** What the service is asked for, so that unsigned attributes are told as they were at the moment of the write. */
export function wholeItemOf(wanted: string | undefined): "ALL_OLD" | "ALL_NEW" | undefined {
  if (wanted === "ALL_OLD" || wanted === "UPDATED_OLD") return "ALL_OLD";
  return wanted === "ALL_NEW" || wanted === "UPDATED_NEW" ? "ALL_NEW" : undefined;
}

/**
 * `Attributes` of an answer. What is signed is known from what was read or written, which the guard held in place;
 * unsigned attributes are taken from the row that the service returned.
 *
 * @param paths what the update names, for UPDATED_OLD and UPDATED_NEW
 */
export function returnedAttributes(parts: {
  readonly plan: TablePlan;
  readonly wanted: string | undefined;
  readonly old: AttributeMap | undefined;
  readonly new: AttributeMap | undefined;
  readonly row: AttributeMap | undefined;
  readonly paths: readonly Path[];
}): SdkItem | undefined {
  const { plan, wanted, row, paths } = parts;
  const whole = wholeItemOf(wanted);
  const known = whole === "ALL_OLD" ? parts.old : whole === "ALL_NEW" ? parts.new : undefined;
  if (known === undefined) return undefined;
  const item = row === undefined ? known : withUnsigned(plan, known, row);
  if (wanted === whole) return { ...item };
  const updated = applyProjection(paths, item);
  return Object.keys(updated).length === 0 ? undefined : { ...updated };
}

function withUnsigned(plan: TablePlan, item: AttributeMap, row: AttributeMap): AttributeMap {
  const unsigned = Object.entries(row).filter(([name]) => !name.startsWith(reservedPrefix) && !isSigned(plan, name));
  return attributeMap([...Object.entries(item).filter(([name]) => isSigned(plan, name)), ...unsigned]);
}
