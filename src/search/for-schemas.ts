import type { AttributeMap } from "../attributes/index.ts";
import { type ExpressionParameters, parseExpressions } from "../expressions/index.ts";
import { type TablePlan, type TableSchema, tablePlan } from "../schema/index.ts";
import {
  type IndexDefinitions,
  indexDefinitionsOf,
  isSearchable,
  type ResolvedAttributes,
  resolvedAttributesOf,
  takePartition,
} from "./beacons/index.ts";
import { prepareSearch } from "./predicate/index.ts";

/**
 * The global secondary indexes that a schema's beacons need, as input for CreateTable.
 *
 * @example
 * ```ts
 * import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
 * import { defineTable, indexDefinitions } from "dynaseal";
 *
 * const customers = defineTable({
 *   tableName: "customers",
 *   partitionKey: "customerId",
 *   attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } },
 * });
 * const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitions(customers);
 * const GlobalSecondaryIndexUpdates = GlobalSecondaryIndexes.map((Create) => ({ Create }));
 * new UpdateTableCommand({ TableName: "customers-prod-7", AttributeDefinitions, GlobalSecondaryIndexUpdates });
 * ```
 *
 * @param schema a parsed schema file, or a result of `defineTable`
 * @throws ERR_SCHEMA_INVALID
 */
export function indexDefinitions(schema: TableSchema | object): IndexDefinitions {
  const plan = planOf(schema);
  return isSearchable(plan) ? indexDefinitionsOf(plan) : { AttributeDefinitions: [], GlobalSecondaryIndexes: [] };
}

/**
 * The virtual fields and compound beacons of a plain item, as queries compare with them.
 *
 * @throws ERR_SCHEMA_INVALID
 */
export function resolveAttributes(schema: TableSchema | object, item: AttributeMap): ResolvedAttributes {
  const plan = planOf(schema);
  return isSearchable(plan) ? resolvedAttributesOf(plan, item) : { virtualFields: {}, compoundBeacons: {} };
}

/**
 * How many queries, one for each `:aws_dbe_partition` from 0, find everything that a Query asks for.
 *
 * @throws ERR_SCHEMA_INVALID, ERR_EXPRESSION_INVALID, and what `prepareSearch` throws of a key condition
 * @see specification/dynamodb-encryption-client/ddb-get-number-of-queries.md "Input"
 */
export function numberOfQueries(schema: TableSchema | object, query: ExpressionParameters): number {
  const plan = planOf(schema);
  const values = query.ExpressionAttributeValues;
  const { input } = takePartition(plan, "Query", { ...query, ExpressionAttributeValues: values && { ...values } });
  return prepareSearch({ plan, parsed: parseExpressions(input), filterAfterDecrypt: true, beaconKeyAttribute: undefined }).queries;
}

function planOf(schema: TableSchema | object): TablePlan {
  // Nothing is read here, so that plaintext need not be acknowledged.
  return tablePlan(schema, { acknowledgePlaintext: true });
}
