import type { OperationCall } from "./operation-call.ts";

/**
 * Sends a write, and tells of the plain tables that it wrote items to: once for each table of the request.
 *
 * @param tableNames as the request names them; an undefined one is nobody's
 */
export async function withPlainWrites<Output>(
  tableNames: Iterable<string | undefined>,
  call: OperationCall,
  send: () => Promise<Output>,
): Promise<Output> {
  const output = await send();
  for (const tableName of new Set(tableNames)) {
    if (tableName !== undefined) call.keyring.onEvent?.({ type: "plaintext-write", tableName, reason: "plain-table" });
  }
  return output;
}
