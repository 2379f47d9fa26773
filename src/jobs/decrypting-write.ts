import { attributeExists, path } from "../expressions/index.ts";
import type { OperationCall, ProtectedTable } from "../tables/index.ts";
import { footerOf, revised, type SdkItem } from "../tables/index.ts";
import { emptyUpdate, footerGuard, type GuardedWrite, itemUpdate, printFitting, tooLarge } from "../writing/index.ts";

/** One item of a table by its key, exactly. */
export interface ItemTarget {
  readonly table: ProtectedTable;
  readonly key: SdkItem;
}

/**
 * Takes the encryption off an item: its signed attributes are set to what they are in plain; header, footer and beacons go.
 * It holds as long as the footer is the one that was read, which no deleted item has. Unsigned attributes are not touched.
 */
export function decryptingWrite({ table, key }: ItemTarget): GuardedWrite {
  const { plan, physicalName: tableName } = table;
  return {
    table,
    tableName,
    key,
    condition: attributeExists(path(plan.partitionKey)),
    async prepare(read, call: OperationCall) {
      const footer = footerOf(read.row);
      if (read.item === undefined || footer === undefined) throw tooLarge(plan);
      const item = revised(table, read.item, read.item, call);
      const update = itemUpdate({ plan, read, stored: item, unsigned: emptyUpdate });
      const printed = printFitting([[footerGuard(footer)]], update);
      if (printed === undefined) throw tooLarge(plan);
      return {
        action: { kind: "Update", input: { TableName: tableName, Key: key, UpdateExpression: undefined, ...printed } },
        item,
        footer: undefined,
      };
    },
  };
}
