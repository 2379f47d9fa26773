import type { AttributeMap } from "../../attributes/index.ts";
import { path, type Update, value } from "../../expressions/index.ts";
import { keyAttributes, reservedPrefix } from "../../item/index.ts";
import { isSigned, type TablePlan } from "../../schema/index.ts";
import type { ReadItem } from "./read-item.ts";

/**
 * The update that makes the stored item out of the row: every signed attribute, header, footer and beacons are set, what
 * went of them is removed, and the unsigned part travels beside.
 */
export function itemUpdate(parts: {
  readonly plan: TablePlan;
  readonly read: ReadItem;
  readonly stored: AttributeMap;
  readonly unsigned: Update;
}): Update {
  const { plan, read, stored, unsigned } = parts;
  const keys = keyAttributes(plan);
  const isOurs = (name: string): boolean => name.startsWith(reservedPrefix) || (isSigned(plan, name) && !keys.includes(name));
  const set = Object.entries(stored).flatMap(([name, stays]) => (isOurs(name) ? [{ path: path(name), value: value(stays) }] : []));
  const gone = Object.keys(read.row ?? {}).filter((name) => isOurs(name) && !Object.hasOwn(stored, name));
  return { ...unsigned, set: [...set, ...unsigned.set], remove: [...gone.map((name) => path(name)), ...unsigned.remove] };
}
