import type { Put } from "@aws-sdk/client-dynamodb";
import type { ParsedExpressions } from "../../expressions/index.ts";
import { footerOf, keyOf, type ProtectedTable, revised, toStored } from "../../tables/index.ts";
import { conditionGuard } from "./condition-guard.ts";
import type { GuardedWrite } from "./guarded-write.ts";

/** A Put whose condition the service cannot decide. The new item is written as the schema says, whatever was there. */
export function guardedPut(table: ProtectedTable, input: Put, { condition }: ParsedExpressions): GuardedWrite {
  const { plan } = table;
  const { TableName, Item = {} } = input;
  const guardOn = conditionGuard(plan, condition);
  return {
    table,
    tableName: TableName,
    key: keyOf(plan, Item),
    condition,
    async prepare(read, call) {
      const item = revised(table, Item, read.item, call);
      const stored = await toStored(table, item, call);
      const action = { kind: "Put" as const, input: { TableName, Item: stored, ...guardOn(read) } };
      return { action, item, footer: footerOf(stored) };
    },
  };
}
