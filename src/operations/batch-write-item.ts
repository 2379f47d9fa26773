import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type BatchWriteItemCommandOutput,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { toBase64 } from "../bytes/index.ts";
import {
  footerOf,
  type OperationCall,
  type ProtectedTable,
  requireItem,
  requirePrimaryKey,
  revised,
  type SdkItem,
  toStored,
  withPlainWrites,
} from "../tables/index.ts";

/**
 * What the service leaves unprocessed comes back as the application wrote it, so that sending it again encrypts it anew.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before BatchWriteItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after BatchWriteItem"
 */
export async function batchWriteItem(input: BatchWriteItemCommandInput, call: OperationCall): Promise<BatchWriteItemCommandOutput> {
  const originals = new Map<string, WriteRequest>();
  // All members of all tables, before anything is encrypted or sent.
  const byTable = Object.entries(input.RequestItems ?? {}).map(([tableName, requests]) => {
    const table = call.state.tables.find(tableName);
    return { tableName, requests, table, checked: table === undefined ? [] : requests.map((request) => checkedRequest(table, request)) };
  });
  const stored = byTable.map(async ({ tableName, requests, table, checked }): Promise<[string, WriteRequest[]]> => {
    if (table === undefined) return [tableName, requests];
    const encrypted = checked.map(async ({ request, item }) => {
      if (item === undefined) return request;
      const Item = await toStored(table, revised(table, item, undefined, call), call);
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

/** A member of the batch, with the item that it puts. @throws ERR_PRIMARY_KEY_MISMATCH, and what `requireItem` throws */
function checkedRequest(
  table: ProtectedTable,
  request: WriteRequest,
): { readonly request: WriteRequest; readonly item: SdkItem | undefined } {
  const { PutRequest, DeleteRequest } = request;
  if (DeleteRequest !== undefined) requirePrimaryKey(table, DeleteRequest.Key, "Key");
  return { request, item: PutRequest && requireItem(table, PutRequest.Item) };
}

/** The footer names an encrypted item: it holds MACs under a data key that no other item has. */
function markOf(item: AttributeMap | undefined): string | undefined {
  const footer = footerOf(item);
  return footer === undefined ? undefined : toBase64(footer);
}
