import type { OperationCall } from "./operation-call.ts";
import type { ProtectedTable } from "./protected-tables.ts";

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

/** A plain item took the place of an encrypted one, as the schema says. */
export function reportReplaced({ plan: { tableName } }: ProtectedTable, { keyring }: OperationCall): void {
  keyring.onEvent?.({ type: "plaintext-write", tableName, reason: "schema", replacedEncrypted: true });
}
