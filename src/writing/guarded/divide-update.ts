import type { AttributeMap } from "../../attributes/index.ts";
import { evaluateSetValue, readPaths, type SetAction, topLevel, type Update, value } from "../../expressions/index.ts";
import { isSigned, type TablePlan } from "../../schema/index.ts";
import { unsignedOf } from "./divide-condition.ts";

/** The part of an update that concerns unsigned attributes. */
export interface UnsignedUpdate {
  /** The service does it, on what the attributes are at that moment. */
  readonly native: Update;
  /** Unsigned attributes whose values went into something that was computed here. */
  readonly pinned: ReadonlySet<string>;
}

/** @throws ERR_EXPRESSION_INVALID where a right-hand side does not fit the old item */
export function divideUpdate(plan: TablePlan, update: Update, old: AttributeMap): UnsignedUpdate {
  const isUnsigned = ({ path }: Pick<SetAction, "path">): boolean => !isSigned(plan, path.elements[0]);
  const reads = (action: SetAction): ReadonlySet<string> => topLevel(readPaths({ ...update, set: [action] }));
  const travels = (action: SetAction): boolean => isUnsigned(action) && [...reads(action)].every((name) => !isSigned(plan, name));
  const computed = update.set.filter((action) => !travels(action));
  const set = update.set.filter(isUnsigned).map((action) => {
    return travels(action) ? action : { path: action.path, value: value(evaluateSetValue(action.value, old)) };
  });
  return {
    native: {
      kind: "update",
      set,
      remove: update.remove.filter((path) => isUnsigned({ path })),
      add: update.add.filter(isUnsigned),
      delete: update.delete.filter(isUnsigned),
    },
    pinned: unsignedOf(
      plan,
      computed.flatMap((action) => [...reads(action)]),
    ),
  };
}
