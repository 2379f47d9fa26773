import { ScanCommand, type ScanCommandInput, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import type { OperationCall } from "./operation.ts";
import { readPage } from "./read-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Scan" */
export async function scan(input: ScanCommandInput, call: OperationCall): Promise<ScanCommandOutput> {
  const table = call.tables.find(input.TableName);
  const send = (): Promise<ScanCommandOutput> => call.send(new ScanCommand(input));
  return table === undefined ? send() : readPage("Scan", table, input, call, send);
}
