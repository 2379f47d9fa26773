import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type BatchWriteItemCommandOutput,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { toBase64 } from "../bytes/index.ts";
import { footerOf, type OperationCall, requireItem, revised, toStored, withPlainWrites } from "../tables/index.ts";

/**
 * What the service leaves unprocessed comes back as the application wrote it, so that sending it again encrypts it anew.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before BatchWriteItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after BatchWriteItem"
 */
export async function batchWriteItem(input: BatchWriteItemCommandInput, call: OperationCall): Promise<BatchWriteItemCommandOutput> {
  const originals = new Map<string, WriteRequest>();
  const byTable = Object.entries(input.RequestItems ?? {}).map(([tableName, requests]) => {
    return { tableName, requests, table: call.state.tables.find(tableName) };
  });
  const stored = byTable.map(async ({ tableName, requests, table }): Promise<[string, WriteRequest[]]> => {
    if (table === undefined) return [tableName, requests];
    const encrypted = requests.map(async (request) => {
      if (request.PutRequest === undefined) return request;
      const Item = await toStored(table, revised(table, requireItem(table, request.PutRequest.Item), undefined, call), call);
      const mark = markOf(Item);
      if (mark !== undefined) originals.set(mark, request);
      return { ...request, PutRequest: { Item } };
    });
    return [tableName, await Promise.all(encrypted)];
  });
  const RequestItems = input.RequestItems && Object.fromEntries(await Promise.all(stored));
  const plain = byTable.filter(({ table, requests }) => table === undefined && requests.some(({ PutRequest }) => PutRequest !== undefined));
  const output = await withPlainWrites(
    plain.map(({ tableName }) => tableName),
    call,
    () => call.send(new BatchWriteItemCommand({ ...input, RequestItems })),
  );
  if (output.UnprocessedItems === undefined) return output;
  const unprocessed = Object.entries(output.UnprocessedItems).map(([tableName, requests]): [string, WriteRequest[]] => [
    tableName,
    requests.map((request) => originals.get(markOf(request.PutRequest?.Item) ?? "") ?? request),
  ]);
  return { ...output, UnprocessedItems: Object.fromEntries(unprocessed) };
}

/** The footer names an encrypted item: it holds MACs under a data key that no other item has. */
function markOf(item: AttributeMap | undefined): string | undefined {
  const footer = footerOf(item);
  return footer === undefined ? undefined : toBase64(footer);
}
