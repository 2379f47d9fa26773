import type { Operation, OperationCall } from "../tables/index.ts";
import { batchGetItem } from "./batch-get-item.ts";
import { batchWriteItem } from "./batch-write-item.ts";
import { namedDescriptions, type TableDescriptions } from "./beacon-indexes.ts";
import { deleteItem } from "./delete-item.ts";
import { checkExport } from "./export-table.ts";
import { getItem } from "./get-item.ts";
import { withLegacyBatch, withLegacyParameters } from "./legacy-parameters.ts";
import { putItem } from "./put-item.ts";
import { query } from "./query.ts";
import { type Check, refusePartiQl, refuseProtected } from "./refused-operations.ts";
import { scan } from "./scan.ts";
import { defineCreateTable, defineRestore, defineTimeToLive, defineUpdateTable } from "./table-definitions.ts";
import { transactGetItems } from "./transact-get-items.ts";
import { transactWriteItems } from "./transact-write-items.ts";
import { updateItem } from "./update-item.ts";

/** What becomes of one operation of DynamoDB. */
type Handling =
  /** Handles items; `run` does it all. */
  | { readonly kind: "transformed"; readonly run: Operation<unknown, unknown> }
  /** Carries no item data: sent as it is. */
  | { readonly kind: "passed" }
  /** Carries items or values past encryption: sent as it is where `check` does not throw, which says why and what to use. */
  | { readonly kind: "checked"; readonly check: (input: unknown, call: OperationCall) => void }
  /** Says or tells what a table is; `request` gives what is sent, or throws where it contradicts the schema, `answer` what is returned. */
  | {
      readonly kind: "defining";
      readonly request: (input: unknown, call: OperationCall) => unknown;
      readonly answer: (output: unknown, call: OperationCall) => unknown;
    };

/** Whether an operation changes anything: a client of role "reader" takes reads only. */
type Access = "read" | "write";

export type OperationRule = Handling & { readonly access: Access };

/** The context of a send knows its command; that it has this operation's input is what the SDK's own types say. */
function transformed<Input, Output>(access: Access, run: Operation<Input, Output>): OperationRule {
  return { access, kind: "transformed", run: (input, call) => run(input as Input, call) };
}

function checked<Input>(access: Access, check: Check<Input>): OperationRule {
  return { access, kind: "checked", check: (input, call) => check(input as Input, call) };
}

function defining<Input>(request: (input: Input, call: OperationCall) => Input): OperationRule {
  return {
    access: "write",
    kind: "defining",
    request: (input, call) => request(input as Input, call),
    answer: (output, call) => namedDescriptions(output as TableDescriptions, call),
  };
}

/** Answers with the description of a table, and asks for nothing that a schema could contradict. */
function describing(access: Access, operations: readonly string[]): readonly [string, OperationRule][] {
  const rule = { ...defining((input) => input), access };
  return operations.map((operation) => [operation, rule]);
}

function passed(access: Access, operations: readonly string[]): readonly [string, OperationRule][] {
  return operations.map((operation) => [operation, { access, kind: "passed" }]);
}

/**
 * Every operation of DynamoDB by its name in the service's API. What is not in here is refused: a new operation may
 * carry items.
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "API modification", "Validate Before ExecuteStatement"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before BatchExecuteStatement"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before ExecuteTransaction"
 */
export const operationTable: ReadonlyMap<string, OperationRule> = new Map<string, OperationRule>([
  ["PutItem", transformed("write", withLegacyParameters(putItem))],
  ["GetItem", transformed("read", withLegacyParameters(getItem))],
  ["DeleteItem", transformed("write", withLegacyParameters(deleteItem))],
  ["UpdateItem", transformed("write", withLegacyParameters(updateItem))],
  ["Query", transformed("read", withLegacyParameters(query))],
  ["Scan", transformed("read", withLegacyParameters(scan))],
  ["BatchGetItem", transformed("read", withLegacyBatch(batchGetItem))],
  ["BatchWriteItem", transformed("write", batchWriteItem)],
  ["TransactGetItems", transformed("read", transactGetItems)],
  ["TransactWriteItems", transformed("write", transactWriteItems)],

  ["ExecuteStatement", checked("write", refusePartiQl("ExecuteStatement", "GetItem, Query, PutItem, UpdateItem or DeleteItem"))],
  ["BatchExecuteStatement", checked("write", refusePartiQl("BatchExecuteStatement", "BatchGetItem or BatchWriteItem"))],
  ["ExecuteTransaction", checked("write", refusePartiQl("ExecuteTransaction", "TransactGetItems or TransactWriteItems"))],
  ["StartBulkPutItems", checked("write", refuseProtected.bulkPut)],
  ["ImportTable", checked("write", refuseProtected.importTable)],
  ["SearchVectors", checked("read", refuseProtected.searchVectors)],
  ["ExportTableToPointInTime", checked("read", checkExport)],
  ["CreateTable", defining(defineCreateTable)],
  ["UpdateTable", defining(defineUpdateTable)],
  ["UpdateTimeToLive", defining(defineTimeToLive)],
  ["RestoreTableFromBackup", defining(defineRestore("RestoreTableFromBackup"))],
  ["RestoreTableToPointInTime", defining(defineRestore("RestoreTableToPointInTime"))],

  ...describing("read", ["DescribeTable", "DescribeBackup"]),
  ...describing("write", ["DeleteTable", "DeleteBackup"]),

  ...passed("read", [
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
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "GetResourcePolicy",
    "ListBackups",
    "ListBulkOperations",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTables",
    "ListTagsOfResource",
  ]),
  ...passed("write", [
    "CancelBulkOperation",
    "CreateBackup",
    "CreateGlobalTable",
    "DeleteResourcePolicy",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "PutResourcePolicy",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
    "UpdateTableReplicaAutoScaling",
  ]),
]);
