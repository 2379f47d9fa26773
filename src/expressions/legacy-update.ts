import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { path, value } from "./build.ts";
import { typeName } from "./check-operands.ts";
import { checkValue } from "./check-value.ts";
import { invalid } from "./invalid.ts";
import type { AttributeType, Path, SetAction, Update, ValueAction } from "./tree.ts";
import { typeOf } from "./value-type.ts";

/** One attribute of `AttributeUpdates`. */
export interface LegacyUpdate {
  /** PUT, the default, ADD or DELETE. */
  readonly Action?: string | undefined;
  readonly Value?: AttributeValue | undefined;
}

const sets: readonly AttributeType[] = ["SS", "NS", "BS"];

/**
 * `AttributeUpdates` as an update expression's tree. Names are whole attributes, never paths; ADD of a list, which update
 * expressions do not have, appends.
 *
 * @throws ERR_EXPRESSION_INVALID as the service refuses them
 * @see Amazon DynamoDB Developer Guide "AttributeUpdates (legacy)"
 */
export function legacyUpdate(updates: Readonly<Record<string, LegacyUpdate>>): Update {
  const actions: { set: SetAction[]; remove: Path[]; add: ValueAction[]; delete: ValueAction[] } = {
    set: [],
    remove: [],
    add: [],
    delete: [],
  };
  for (const [name, { Action = "PUT", Value }] of Object.entries(updates)) {
    const target = path(name);
    if (Action !== "PUT" && Action !== "ADD" && Action !== "DELETE") {
      throw invalid("Member must satisfy enum value set: [ADD, DELETE, PUT]");
    }
    if (Value === undefined) {
      if (Action !== "DELETE") throw wrong("Only DELETE action is allowed when no attribute value is specified");
      actions.remove.push(target);
      continue;
    }
    checkValue(Value);
    const type = typeOf(Value);
    if (Action === "PUT") actions.set.push({ path: target, value: value(Value) });
    else if (Action === "DELETE") {
      if (!sets.includes(type)) throw wrong(`DELETE action with value is not supported for the type ${typeName(type)}`);
      actions.delete.push({ path: target, value: value(Value) });
    } else if (type === "L") actions.set.push({ path: target, value: appended(target, Value) });
    else {
      if (type !== "N" && !sets.includes(type)) throw wrong(`ADD action is not supported for the type ${typeName(type)}`);
      actions.add.push({ path: target, value: value(Value) });
    }
  }
  return { kind: "update", ...actions };
}

function appended(target: Path, list: AttributeValue): SetAction["value"] {
  return { kind: "list_append", first: { kind: "if_not_exists", path: target, fallback: value({ L: [] }) }, second: value(list) };
}

function wrong(reason: string): Error {
  return invalid(`One or more parameter values were invalid: ${reason}`);
}
