import { type AttributeMap, type AttributeValue, attributeMap } from "../../attributes/index.ts";
import { valuesEqual } from "../../expressions/index.ts";
import { keyAttributes, reservedPrefix } from "../../item/index.ts";
import { isSigned, type TablePlan } from "../../schema/index.ts";
import type { Changes } from "./guarded-write.ts";

/** The signed attributes of a row that are no keys. */
export function signedPart(plan: TablePlan, row: AttributeMap): AttributeMap {
  const keys = keyAttributes(plan);
  const isPart = (name: string): boolean => isSigned(plan, name) && !name.startsWith(reservedPrefix) && !keys.includes(name);
  return attributeMap(Object.entries(row).filter(([name]) => isPart(name)));
}

/** What became of the signed attributes of a row. */
export function changesOf(plan: TablePlan, expected: AttributeMap, row: AttributeMap): Changes {
  const found = signedPart(plan, row);
  const changes = new Map<string, AttributeValue | undefined>();
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [wanted, value] = [expected[name], found[name]];
    const same = wanted !== undefined && value !== undefined && valuesEqual(wanted, value);
    if (!same) changes.set(name, value);
  }
  return changes;
}

/** An item with what others made of it. */
export function withChanges(item: AttributeMap, changes: Changes): AttributeMap {
  const kept = Object.entries(item).filter(([name]) => !changes.has(name));
  const theirs = [...changes].flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return attributeMap([...kept, ...theirs]);
}
