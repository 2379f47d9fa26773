import {
  type TransactGetItem,
  TransactGetItemsCommand,
  type TransactGetItemsCommandInput,
  type TransactGetItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { type WholeRead, wholeRead } from "../reading/index.ts";
import { type AskedItem, answerMismatch, type OperationCall, readStored, requireAnswered, requirePrimaryKey } from "../tables/index.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after TransactGetItems" */
export async function transactGetItems(input: TransactGetItemsCommandInput, call: OperationCall): Promise<TransactGetItemsCommandOutput> {
  const reads = (input.TransactItems ?? []).map((item) => preparedGet(item, call));
  const TransactItems = input.TransactItems && reads.map((read) => read.item);
  const output = await call.send(new TransactGetItemsCommand({ ...input, TransactItems }));
  if (output.Responses === undefined) return output;
  const first = reads.find(({ asked }) => asked !== undefined)?.asked;
  if (first !== undefined && output.Responses.length > reads.length) throw answerMismatch(first.table);
  const responses = output.Responses.map(async (response, index) => {
    const { asked, read } = reads[index] ?? {};
    if (asked === undefined || read === undefined || response.Item === undefined) return response;
    requireAnswered(asked, response.Item);
    const { item } = await readStored(asked.table, response.Item, call, "consistent");
    return { ...response, Item: read.project(item) };
  });
  return { ...output, Responses: await Promise.all(responses) };
}

interface PreparedGet {
  readonly item: TransactGetItem;
  /** Undefined for a plain table. */
  readonly asked?: AskedItem;
  readonly read?: WholeRead<NonNullable<TransactGetItem["Get"]>>;
}

function preparedGet(item: TransactGetItem, call: OperationCall): PreparedGet {
  const { Get } = item;
  const table = call.state.tables.find(Get?.TableName);
  if (Get === undefined || table === undefined) return { item };
  const asked = { table, key: requirePrimaryKey(table, Get.Key, "Key") };
  const read = wholeRead(table.plan, Get);
  return { item: { ...item, Get: read.input }, asked, read };
}
