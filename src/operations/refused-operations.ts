import type { ImportTableCommandInput, SearchVectorsCommandInput, StartBulkPutItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import type { OperationCall } from "../tables/index.ts";

/** Throws where the request may not be sent as it is. */
export type Check<Input> = (input: Input, call: OperationCall) => void;

/** A statement names its table in text that only the service parses. @throws ERR_OPERATION_NOT_SUPPORTED */
export function refusePartiQl(operation: string, equivalent: string): Check<unknown> {
  return (_input, { state }) => {
    if (state.tables.allPlain) return;
    const reason = "PartiQL statements carry values in their text, past encryption";
    throw new DynasealError("ERR_OPERATION_NOT_SUPPORTED", { details: { operation, reason, instead: `Use ${equivalent} instead.` } });
  };
}

function unlessPlain(operation: string, tableName: string | undefined, call: OperationCall, reason: string, instead: string): void {
  const table = call.state.tables.find(tableName);
  if (table === undefined) return;
  const details = { operation, tableName: table.plan.tableName, reason, instead };
  throw new DynasealError("ERR_OPERATION_NOT_SUPPORTED", { details });
}

/** Operations that are possible on plain tables alone. Each throws ERR_OPERATION_NOT_SUPPORTED. */
export const refuseProtected = {
  bulkPut: (input: StartBulkPutItemsCommandInput, call: OperationCall): void =>
    unlessPlain(
      "StartBulkPutItems",
      input.TableName,
      call,
      "the service reads the items from S3, past encryption",
      "Write the items with BatchWriteItem, or start the operation with the plain client where S3 holds items that are encrypted already.",
    ),
  importTable: (input: ImportTableCommandInput, call: OperationCall): void =>
    unlessPlain(
      "ImportTable",
      input.TableCreationParameters?.TableName,
      call,
      "the service reads the items from S3, past encryption",
      "Write the items with BatchWriteItem, or import with the plain client where S3 holds an export of an encrypted table.",
    ),
  searchVectors: (input: SearchVectorsCommandInput, call: OperationCall): void =>
    unlessPlain(
      "SearchVectors",
      input.TableName,
      call,
      "a vector index holds the vectors in the clear, and its answers cannot be verified",
      "Use Query on a protected table, and keep vectors in a table of plainTables.",
    ),
} as const;
