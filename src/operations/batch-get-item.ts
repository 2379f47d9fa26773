import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type KeysAndAttributes,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { openRows, type UndecryptableItem, undecryptableMember, type WholeRead, wholeRead } from "../reading/index.ts";
import {
  answerMismatch,
  consistencyOf,
  type OperationCall,
  type ProtectedTable,
  requireAmong,
  requirePrimaryKey,
  type SdkItem,
} from "../tables/index.ts";

/** What is asked of one protected table. */
interface TableRead {
  readonly asked: KeysAndAttributes;
  readonly read: WholeRead<KeysAndAttributes>;
  readonly keys: readonly AttributeMap[];
}

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after BatchGetItem" */
export async function batchGetItem(input: BatchGetItemCommandInput, call: OperationCall): Promise<BatchGetItemCommandOutput> {
  // By table, since the service may answer with the name of one that was asked for by ARN.
  const reads = new Map<ProtectedTable, TableRead>();
  const requests = Object.entries(input.RequestItems ?? {}).map(([tableName, asked]): [string, KeysAndAttributes] => {
    const table = call.state.tables.find(tableName);
    if (table === undefined) return [tableName, asked];
    const keys = (asked.Keys ?? []).map((key) => requirePrimaryKey(table, key, "Keys"));
    const read = wholeRead(table.plan, asked);
    reads.set(table, { asked, read, keys: [...(reads.get(table)?.keys ?? []), ...keys] });
    return [tableName, read.input];
  });
  const RequestItems = input.RequestItems && Object.fromEntries(requests);
  const output = await call.send(new BatchGetItemCommand({ ...input, RequestItems }));
  const bad: UndecryptableItem[] = [];
  const responses = Object.entries(output.Responses ?? {}).map(async ([tableName, rows]): Promise<[string, SdkItem[]]> => {
    const table = call.state.tables.find(tableName);
    const request = table && reads.get(table);
    if (table === undefined) return [tableName, rows];
    if (request === undefined) throw answerMismatch(table);
    requireAmong({ table, keys: request.keys }, rows);
    const { opened, undecryptable } = await openRows(rows, { table, consistency: consistencyOf(request.asked) }, call);
    bad.push(...undecryptable.map((item) => ({ TableName: tableName, ...item })));
    return [tableName, opened.map(({ item }) => request.read.project(item))];
  });
  return {
    ...output,
    ...(output.Responses && { Responses: Object.fromEntries(await Promise.all(responses)) }),
    ...undecryptableMember(bad, call),
    ...(output.UnprocessedKeys && { UnprocessedKeys: asAsked(output.UnprocessedKeys, reads, call) }),
  };
}

/** What the service left goes back with the application's own projection, so that it can be sent again. */
function asAsked(
  unprocessed: Record<string, KeysAndAttributes>,
  reads: ReadonlyMap<ProtectedTable, TableRead>,
  call: OperationCall,
): Record<string, KeysAndAttributes> {
  const entries = Object.entries(unprocessed).map(([tableName, left]): [string, KeysAndAttributes] => {
    const table = call.state.tables.find(tableName);
    const { ProjectionExpression, ExpressionAttributeNames } = (table && reads.get(table)?.asked) ?? {};
    return [
      tableName,
      {
        ...left,
        ...(ProjectionExpression !== undefined && { ProjectionExpression }),
        ...(ExpressionAttributeNames !== undefined && { ExpressionAttributeNames }),
      },
    ];
  });
  return Object.fromEntries(entries);
}
