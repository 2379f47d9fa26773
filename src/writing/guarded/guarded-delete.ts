import type { Delete } from "@aws-sdk/client-dynamodb";
import type { ParsedExpressions } from "../../expressions/index.ts";
import type { ProtectedTable } from "../../tables/index.ts";
import { conditionGuard } from "./condition-guard.ts";
import type { GuardedWrite } from "./guarded-write.ts";

/** A Delete, or the ConditionCheck of a transaction, whose condition the service cannot decide. */
export function guardedDelete(
  kind: "Delete" | "ConditionCheck",
  table: ProtectedTable,
  input: Pick<Delete, "TableName" | "Key">,
  { condition }: ParsedExpressions,
): GuardedWrite {
  const { TableName, Key } = input;
  const guardOn = conditionGuard(table.plan, condition);
  return {
    table,
    tableName: TableName,
    key: Key ?? {},
    condition,
    prepare: async (read) => {
      const action = { kind, input: { TableName, Key, ...guardOn(read) } };
      return { action, item: undefined, footer: undefined };
    },
  };
}
