import type { Delete } from "@aws-sdk/client-dynamodb";
import { type ParsedExpressions, PlaceholderWriter, referencedAttributes } from "../../expressions/index.ts";
import type { ProtectedTable } from "../protected-tables.ts";
import { divideCondition } from "./divide-condition.ts";
import { guardOf, printAll } from "./guard.ts";
import type { GuardedWrite } from "./guarded-write.ts";
import { requireFits } from "./whole-put.ts";

/** A Delete, or the ConditionCheck of a transaction, whose condition the service cannot decide. */
export function guardedDelete(
  kind: "Delete" | "ConditionCheck",
  table: ProtectedTable,
  input: Pick<Delete, "TableName" | "Key">,
  { condition }: ParsedExpressions,
): GuardedWrite {
  const { plan } = table;
  const { TableName, Key } = input;
  const { native, pinned } = divideCondition(plan, condition);
  const named = condition === undefined ? new Set<string>() : referencedAttributes(condition);
  return {
    table,
    tableName: TableName,
    key: Key ?? {},
    condition,
    prepare: async (read) => {
      const writer = new PlaceholderWriter();
      const [guard, ...pins] = guardOf(plan, read, { pinned, named });
      const ConditionExpression = printAll([guard, ...pins, ...native], writer);
      const expressions = { ConditionExpression, ...writer.placeholders() };
      requireFits(plan, expressions);
      const action = { kind, input: { TableName, Key, ...expressions } };
      return { action, item: undefined, footer: undefined };
    },
  };
}
