import type { Update as UpdateInput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import { path, type Update, value, valuesEqual, writtenAttributes } from "../../expressions/index.ts";
import { keyAttributes } from "../../item/index.ts";
import type { TablePlan } from "../../schema/index.ts";
import type { DividedCondition } from "./divide-condition.ts";
import { printFitting, tooLarge } from "./expression-size.ts";
import { type Breadth, conditionGuards, type Decided, type Guard, guardOf } from "./guard.ts";
import type { SentIn, WriteAction } from "./guarded-write.ts";
import { itemUpdate } from "./item-update.ts";
import type { ReadItem } from "./read-item.ts";
import { wholePut } from "./whole-put.ts";

/** An update that was applied to what was read. */
export interface AppliedUpdate {
  readonly plan: TablePlan;
  readonly target: Pick<UpdateInput, "TableName" | "Key">;
  readonly read: ReadItem;
  readonly stored: AttributeMap;
  readonly decided: Decided;
  readonly divided: DividedCondition;
}

/** What a guard of less breadth lets through is found afterwards; in a transaction only what was added, as nothing shows the old row. */
function breadths({ row, actions }: ReadItem, sentIn: SentIn): readonly Breadth[] {
  if (row === undefined || actions !== undefined) return ["schema"];
  return sentIn === "request" ? ["schema", "row", "named"] : ["schema", "row"];
}

/**
 * The request that makes the stored item of the row, under the broadest guard that fits.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE
 */
export function updateAction(parts: AppliedUpdate & { readonly unsigned: Update; readonly sentIn: SentIn }): {
  readonly action: WriteAction;
  readonly breadth: Breadth;
} {
  const { plan, target, read, stored, decided, divided, unsigned, sentIn } = parts;
  const { TableName } = target;
  const update = itemUpdate({ plan, read, stored, unsigned });
  for (const breadth of breadths(read, sentIn)) {
    const guards = (pinned: ReadonlySet<string>): readonly Guard[] =>
      conditionGuards(guardOf(plan, read, { ...decided, pinned }, breadth), read, divided);
    const printed = printFitting(guards(decided.pinned), update);
    if (printed !== undefined) {
      return { action: { kind: "Update", input: { ...target, UpdateExpression: undefined, ...printed } }, breadth };
    }
    const action = wholePut({ plan, TableName, read, stored, guards, pinned: decided.pinned });
    if (action !== undefined) return { action, breadth };
  }
  throw tooLarge(plan);
}

/**
 * An update of a row that stays plain: the service does it, and what this side makes of its own (the revision, signed
 * beacons) is set beside.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE
 */
export function plainUpdateAction(parts: AppliedUpdate & { readonly update: Update; readonly old: AttributeMap }): WriteAction {
  const { plan, target, read, stored, decided, divided, old } = parts;
  const { revision } = plan;
  const update = revision === undefined ? parts.update : without(parts.update, revision);
  const isOthers = (name: string): boolean => !writtenAttributes(update).has(name) && !keyAttributes(plan).includes(name);
  const set = Object.entries(stored).flatMap(([name, own]) => {
    const before = Object.hasOwn(old, name) ? old[name] : undefined;
    const stays = before !== undefined && valuesEqual(before, own);
    return isOthers(name) && !stays ? [{ path: path(name), value: value(own) }] : [];
  });
  const gone = Object.keys(old).filter((name) => isOthers(name) && !Object.hasOwn(stored, name));
  const whole = { ...update, set: [...update.set, ...set], remove: [...update.remove, ...gone.map((name) => path(name))] };
  const guard = guardOf(plan, read, decided, "named");
  const printed = printFitting(conditionGuards(guard, read, divided), whole);
  if (printed === undefined) throw tooLarge(plan);
  return { kind: "Update", input: { ...target, UpdateExpression: undefined, ...printed } };
}

/** The update without its actions on one attribute. */
function without(update: Update, attribute: string): Update {
  const isOther = ({ elements }: { readonly elements: readonly [string, ...unknown[]] }): boolean => elements[0] !== attribute;
  return {
    ...update,
    set: update.set.filter((action) => isOther(action.path)),
    remove: update.remove.filter(isOther),
    add: update.add.filter((action) => isOther(action.path)),
    delete: update.delete.filter((action) => isOther(action.path)),
  };
}
