import type { Update as UpdateInput } from "@aws-sdk/client-dynamodb";
import { type AttributeMap, attributeMap } from "../../attributes/index.ts";
import {
  applyUpdate,
  type ParsedExpressions,
  PlaceholderWriter,
  printUpdate,
  referencedAttributes,
  type Update,
  writtenAttributes,
} from "../../expressions/index.ts";
import { footerOf, type ProtectedTable, plainForm, revised, toStored } from "../../tables/index.ts";
import { divideCondition } from "./divide-condition.ts";
import { divideUpdate } from "./divide-update.ts";
import { guardOf, printAll } from "./guard.ts";
import type { GuardedWrite } from "./guarded-write.ts";
import { itemUpdate } from "./item-update.ts";
import { rewriteTable } from "./rewrite-table.ts";
import { fits, wholePut } from "./whole-put.ts";

/** What an UpdateItem without an expression does: nothing but create the item. */
export const emptyUpdate: Update = { kind: "update", set: [], remove: [], add: [], delete: [] };

/**
 * An update that the service cannot do alone. What is signed is applied here, encrypted anew and set as a whole; the
 * unsigned part travels as it is, so that counters in unsigned attributes are never overwritten.
 */
export function guardedUpdate(
  table: ProtectedTable,
  input: Pick<UpdateInput, "TableName" | "Key">,
  expressions: ParsedExpressions,
): GuardedWrite {
  const { condition, update = emptyUpdate } = expressions;
  const { TableName, Key = {} } = input;
  const divided = divideCondition(table.plan, condition);
  const named = new Set([...referencedAttributes(update), ...(condition === undefined ? [] : referencedAttributes(condition))]);
  return {
    table,
    tableName: TableName,
    key: Key,
    condition,
    async prepare(read, call) {
      const old = read.item ?? Key;
      const applied = revised(table, withoutOldBeacons(table, update, applyUpdate(update, old).item), read.item, call);
      const rewriting = rewriteTable(table, read, applied);
      const item = plainForm(rewriting, applied);
      const stored = await toStored(rewriting, item, call);
      const { plan } = rewriting;
      const unsigned = divideUpdate(plan, update, old);
      const decided = { pinned: new Set([...divided.pinned, ...unsigned.pinned]), named };
      const guard = [...guardOf(plan, read, decided), ...divided.native] as const;
      const writer = new PlaceholderWriter();
      // The service refuses an empty expression.
      const UpdateExpression = printUpdate(itemUpdate({ plan, read, stored, unsigned: unsigned.native }), writer) || undefined;
      const ConditionExpression = printAll(guard, writer);
      const footer = footerOf(stored);
      if (!fits({ UpdateExpression, ConditionExpression, ...writer.placeholders() })) {
        return { action: wholePut({ plan, TableName, read, stored, decided }), item, footer };
      }
      const action = {
        kind: "Update" as const,
        input: { TableName, Key, UpdateExpression, ConditionExpression, ...writer.placeholders() },
      };
      return { action, item, footer };
    },
  };
}

/** Signed beacons are made anew from what they are made of, unless the application sets them itself. */
function withoutOldBeacons({ plan }: ProtectedTable, update: Update, item: AttributeMap): AttributeMap {
  const written = writtenAttributes(update);
  const beacons = plan.search?.beacons;
  if (beacons === undefined) return item;
  return attributeMap(Object.entries(item).filter(([name]) => beacons.get(name)?.kind !== "compound" || written.has(name)));
}
