import type { Operation, OperationCall } from "../tables/index.ts";
import { batchGetItem } from "./batch-get-item.ts";
import { batchWriteItem } from "./batch-write-item.ts";
import { deleteItem } from "./delete-item.ts";
import { checkExport } from "./export-table.ts";
import { getItem } from "./get-item.ts";
import { withLegacyBatch, withLegacyParameters } from "./legacy-parameters.ts";
import { putItem } from "./put-item.ts";
import { query } from "./query.ts";
import { type Check, refusePartiQl, refuseProtected } from "./refused-operations.ts";
import { scan } from "./scan.ts";
import { transactGetItems } from "./transact-get-items.ts";
import { transactWriteItems } from "./transact-write-items.ts";
import { updateItem } from "./update-item.ts";

/** What becomes of one operation of DynamoDB. */
export type OperationRule =
  /** Handles items; `run` does it all. */
  | { readonly kind: "transformed"; readonly run: Operation<unknown, unknown> }
  /** Carries no item data: sent as it is. */
  | { readonly kind: "passed" }
  /** Carries items or values past encryption: sent as it is where `check` does not throw, which says why and what to use. */
  | { readonly kind: "checked"; readonly check: (input: unknown, call: OperationCall) => void };

/** The context of a send knows its command; that it has this operation's input is what the SDK's own types say. */
function transformed<Input, Output>(run: Operation<Input, Output>): OperationRule {
  return { kind: "transformed", run: (input, call) => run(input as Input, call) };
}

function checked<Input>(check: Check<Input>): OperationRule {
  return { kind: "checked", check: (input, call) => check(input as Input, call) };
}

const passed: OperationRule = { kind: "passed" };

/**
 * Every operation of DynamoDB by its name in the service's API. What is not in here is refused: a new operation may
 * carry items.
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "API modification", "Validate Before ExecuteStatement"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before BatchExecuteStatement"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before ExecuteTransaction"
 */
export const operationTable: ReadonlyMap<string, OperationRule> = new Map<string, OperationRule>([
  ["PutItem", transformed(withLegacyParameters(putItem))],
  ["GetItem", transformed(withLegacyParameters(getItem))],
  ["DeleteItem", transformed(withLegacyParameters(deleteItem))],
  ["UpdateItem", transformed(withLegacyParameters(updateItem))],
  ["Query", transformed(withLegacyParameters(query))],
  ["Scan", transformed(withLegacyParameters(scan))],
  ["BatchGetItem", transformed(withLegacyBatch(batchGetItem))],
  ["BatchWriteItem", transformed(batchWriteItem)],
  ["TransactGetItems", transformed(transactGetItems)],
  ["TransactWriteItems", transformed(transactWriteItems)],

  ["ExecuteStatement", checked(refusePartiQl("ExecuteStatement", "GetItem, Query, PutItem, UpdateItem or DeleteItem"))],
  ["BatchExecuteStatement", checked(refusePartiQl("BatchExecuteStatement", "BatchGetItem or BatchWriteItem"))],
  ["ExecuteTransaction", checked(refusePartiQl("ExecuteTransaction", "TransactGetItems or TransactWriteItems"))],
  ["StartBulkPutItems", checked(refuseProtected.bulkPut)],
  ["ImportTable", checked(refuseProtected.importTable)],
  ["SearchVectors", checked(refuseProtected.searchVectors)],
  ["ExportTableToPointInTime", checked(checkExport)],

  ...[
    "CancelBulkOperation",
    "CreateBackup",
    "CreateGlobalTable",
    "CreateTable",
    "DeleteBackup",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DescribeBackup",
    "DescribeBulkOperation",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeLimits",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "GetResourcePolicy",
    "ListBackups",
    "ListBulkOperations",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTables",
    "ListTagsOfResource",
    "PutResourcePolicy",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
  ].map((operation): [string, OperationRule] => [operation, passed]),
]);
