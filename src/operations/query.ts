import { QueryCommand, type QueryCommandInput, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import type { OperationCall } from "./operation.ts";
import { readPage } from "./read-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Query" */
export async function query(input: QueryCommandInput, call: OperationCall): Promise<QueryCommandOutput> {
  const table = call.tables.find(input.TableName);
  const send = (): Promise<QueryCommandOutput> => call.send(new QueryCommand(input));
  return table === undefined ? send() : readPage("Query", table, input, call, send);
}
