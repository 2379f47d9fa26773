import { ScanCommand, type ScanCommandInput, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { readPage } from "../reading/index.ts";
import type { OperationCall } from "../tables/index.ts";

/**
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Scan"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Modify before Scan"
 */
export async function scan(input: ScanCommandInput, call: OperationCall): Promise<ScanCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  const send = (sent: ScanCommandInput): Promise<ScanCommandOutput> => call.send(new ScanCommand(sent));
  return table === undefined ? send(input) : readPage({ name: "Scan", send }, table, input, call);
}
