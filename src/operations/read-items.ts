import type { AttributeMap } from "../attributes/index.ts";
import { checkedExpressions } from "./expression-rules.ts";
import type { OperationCall } from "./operation.ts";
import type { ProtectedTable } from "./protected-tables.ts";
import { refuseLegacyParameters, refuseProjection } from "./refusals.ts";
import { allFromStored } from "./stored-items.ts";

/** What Query and Scan have in common. */
interface PageInput {
  readonly IndexName?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly Select?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
}

/**
 * One page of a protected table or of one of its indexes, decrypted, in the service's order. `Select: "COUNT"` counts
 * rows as the service finds them; nothing of them is verified.
 */
export async function readPage<Output extends { Items?: AttributeMap[] | undefined }>(
  operation: "Query" | "Scan",
  table: ProtectedTable,
  input: PageInput,
  call: OperationCall,
  send: () => Promise<Output>,
): Promise<Output> {
  refuseLegacyParameters(operation, input);
  refuseProjection(table, operation, input);
  checkedExpressions(table.plan, input);
  const { IndexName } = input;
  if (IndexName !== undefined && input.Select !== "COUNT") await table.indexes.requireWhole(IndexName, table, call.send);
  const output = await send();
  if (output.Items === undefined) return output;
  if (IndexName !== undefined) table.indexes.requireWholeRows(IndexName, table, output.Items);
  return { ...output, Items: await allFromStored(table, output.Items, call) };
}
