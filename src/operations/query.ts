import { QueryCommand, type QueryCommandInput, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { readPage } from "../reading/index.ts";
import type { OperationCall } from "../tables/index.ts";

/**
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Query"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Modify before Query"
 */
export async function query(input: QueryCommandInput, call: OperationCall): Promise<QueryCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  const send = (sent: QueryCommandInput): Promise<QueryCommandOutput> => call.send(new QueryCommand(sent));
  return table === undefined ? send(input) : readPage({ name: "Query", send }, table, input, call);
}
