import { validationException } from "./service-exception.ts";
import { isRecord, type WireBody } from "./wire.ts";

const maximumActions = 100;

/** One entry of TransactItems: which action, and its own input. */
export interface TransactEntry<Kind extends string> {
  readonly kind: Kind;
  readonly body: WireBody;
}

/** The entries of TransactItems in order; throws the service's ValidationException where their shape is wrong. */
export function transactEntries<Kind extends string>(body: WireBody, kinds: readonly Kind[]): TransactEntry<Kind>[] {
  const items = body.TransactItems;
  if (!Array.isArray(items)) throw constraint("Value null", "transactItems", "Member must not be null");
  if (items.length === 0) throw constraint("Value '[]'", "transactItems", "Member must have length greater than or equal to 1");
  if (items.length > maximumActions) {
    throw constraint(`A list of ${items.length}`, "transactItems", `Member must have length less than or equal to ${maximumActions}`);
  }
  return items.map((item: unknown, index) => entryOf(item, index, kinds));
}

function entryOf<Kind extends string>(item: unknown, index: number, kinds: readonly Kind[]): TransactEntry<Kind> {
  const given = kinds.filter((kind) => isRecord(item) && isRecord(item[kind]));
  const [kind] = given;
  if (kind === undefined && kinds.length === 1) {
    throw constraint("Value null", `transactItems.${index + 1}.member.get`, "Member must not be null");
  }
  if (kind === undefined || given.length > 1 || !isRecord(item)) {
    throw validationException("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  const body = item[kind] as WireBody;
  if (kind === "Update") requireMember(body, "UpdateExpression", `transactItems.${index + 1}.member.update.updateExpression`);
  if (kind === "ConditionCheck") {
    requireMember(body, "ConditionExpression", `transactItems.${index + 1}.member.conditionCheck.conditionExpression`);
  }
  return { kind, body };
}

function requireMember(body: WireBody, member: string, path: string): void {
  if (body[member] === undefined || body[member] === null) throw constraint("Value null", path, "Member must not be null");
}

function constraint(value: string, path: string, rule: string): Error {
  return validationException(`1 validation error detected: ${value} at '${path}' failed to satisfy constraint: ${rule}`);
}
