import { DynasealError, invalidArgument } from "../errors/index.ts";
import { actionOf, type EqualityValues, type TableSchema, tablePlan } from "../schema/index.ts";

/** The members of a Query or Scan that hold a filter. */
export interface EqualityFilter {
  readonly FilterExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, unknown>;
}

/**
 * A filter for the items whose attributes have these values, to be spread into a Query or Scan. An encrypted attribute
 * needs a beacon: without one the compiler says so for a schema of `defineTable`, and this function for any other.
 *
 * The values are handed on as they are: native ones for a document client, AttributeValues for a low-level one. Names and
 * values get placeholders that begin with `equality`, so that the request may have others beside.
 *
 * @example
 * ```ts
 * import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
 * import { defineTable, equalityFilter } from "dynaseal";
 *
 * const customers = defineTable({
 *   tableName: "customers",
 *   partitionKey: "customerId",
 *   attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } },
 * });
 * declare const documents: DynamoDBDocumentClient; // of `encryptedClient`
 * await documents.send(new ScanCommand({ TableName: "customers", ...equalityFilter(customers, { email: "a@example.com" }) }));
 * ```
 *
 * @param schema a result of `defineTable`, or a parsed schema file
 * @param values attribute name → value; members that are undefined are left out
 * @throws ERR_INVALID_ARGUMENT where there is no value, ERR_SCHEMA_INVALID, ERR_ATTRIBUTE_NOT_CONFIGURED,
 *   ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE
 */
export function equalityFilter<Schema extends TableSchema>(schema: Schema, values: EqualityValues<Schema>): EqualityFilter {
  // Nothing is read here, so that plaintext need not be acknowledged.
  const plan = tablePlan(schema, { acknowledgePlaintext: true });
  const entries = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw invalidArgument("values", "an object with at least one attribute and its value");
  const { tableName } = plan;
  const ExpressionAttributeNames: Record<string, string> = {};
  const ExpressionAttributeValues: Record<string, unknown> = {};
  const terms = entries.map(([attribute, value], index) => {
    const isSearched = plan.search?.beacons.has(attribute) === true || plan.search?.virtualFields.has(attribute) === true;
    const action = actionOf(plan, attribute);
    if (action === undefined && !isSearched) throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName, attribute } });
    if (action === "ENCRYPT_AND_SIGN" && !isSearched) {
      throw new DynasealError("ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE", { details: { tableName, attribute, parameter: "FilterExpression" } });
    }
    ExpressionAttributeNames[`#equality${index}`] = attribute;
    ExpressionAttributeValues[`:equality${index}`] = value;
    return `#equality${index} = :equality${index}`;
  });
  return { FilterExpression: terms.join(" AND "), ExpressionAttributeNames, ExpressionAttributeValues };
}
