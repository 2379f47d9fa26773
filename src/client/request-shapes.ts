/** What a member of a request holds. */
export type Shape =
  /** A map of AttributeValues: an item, a key, a cursor, or the values of placeholders. */
  | "attributes"
  /** The same, and the request makes no sense without it. */
  | "item"
  /** One AttributeValue. */
  | "value"
  /** A string: a table's name, an expression, a choice. */
  | "text"
  /** A number or a truth value. */
  | "scalar"
  | { readonly list: Shape }
  /** By table, attribute or placeholder. */
  | { readonly map: Shape }
  | { readonly members: Members };

/** The members of a structure by their names. */
export type Members = Readonly<Record<string, Shape>>;

const names: Shape = { map: "text" };
const texts: Shape = { list: "text" };
const values: Shape = { list: "value" };

const target = { TableName: "text", Key: "attributes" } as const;
const projection = { AttributesToGet: texts, ProjectionExpression: "text", ExpressionAttributeNames: names } as const;
const condition = {
  ConditionExpression: "text",
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: "attributes",
  ReturnValuesOnConditionCheckFailure: "text",
} as const;
const comparison = { AttributeValueList: values, ComparisonOperator: "text" } as const;
const comparisons: Shape = { map: { members: comparison } };
const expected = {
  Expected: { map: { members: { ...comparison, Value: "value", Exists: "scalar" } } },
  ConditionalOperator: "text",
} as const;
const capacity = { ReturnConsumedCapacity: "text" } as const;
const write = { ...condition, ...expected, ...capacity, ReturnValues: "text", ReturnItemCollectionMetrics: "text" } as const;
const page = {
  ...projection,
  ...capacity,
  TableName: "text",
  IndexName: "text",
  Select: "text",
  Limit: "scalar",
  ConsistentRead: "scalar",
  ExclusiveStartKey: "attributes",
  FilterExpression: "text",
  ExpressionAttributeValues: "attributes",
  ConditionalOperator: "text",
} as const;
const statement = { Statement: "text", Parameters: values, ReturnValuesOnConditionCheckFailure: "text" } as const;

/**
 * The inputs of all operations that carry items, keys, values or expressions, as the AWS SDK's model has them; a test
 * compares. Members that are not in here, those of a newer SDK for instance, are copied as plain data.
 */
export const requestShapes: ReadonlyMap<string, Members> = new Map<string, Members>([
  ["PutItem", { TableName: "text", Item: "item", ...write }],
  ["GetItem", { ...target, ...projection, ...capacity, ConsistentRead: "scalar" }],
  ["DeleteItem", { ...target, ...write }],
  [
    "UpdateItem",
    { ...target, ...write, UpdateExpression: "text", AttributeUpdates: { map: { members: { Value: "value", Action: "text" } } } },
  ],
  ["Query", { ...page, KeyConditionExpression: "text", ScanIndexForward: "scalar", KeyConditions: comparisons, QueryFilter: comparisons }],
  ["Scan", { ...page, Segment: "scalar", TotalSegments: "scalar", ScanFilter: comparisons }],
  [
    "BatchGetItem",
    { RequestItems: { map: { members: { ...projection, Keys: { list: "attributes" }, ConsistentRead: "scalar" } } }, ...capacity },
  ],
  [
    "BatchWriteItem",
    {
      RequestItems: {
        map: { list: { members: { PutRequest: { members: { Item: "item" } }, DeleteRequest: { members: { Key: "attributes" } } } } },
      },
      ReturnItemCollectionMetrics: "text",
      ...capacity,
    },
  ],
  [
    "TransactGetItems",
    {
      TransactItems: {
        list: { members: { Get: { members: { ...target, ProjectionExpression: "text", ExpressionAttributeNames: names } } } },
      },
      ...capacity,
    },
  ],
  [
    "TransactWriteItems",
    {
      TransactItems: {
        list: {
          members: {
            ConditionCheck: { members: { ...target, ...condition } },
            Put: { members: { TableName: "text", Item: "item", ...condition } },
            Delete: { members: { ...target, ...condition } },
            Update: { members: { ...target, ...condition, UpdateExpression: "text" } },
          },
        },
      },
      ClientRequestToken: "text",
      ReturnItemCollectionMetrics: "text",
      ...capacity,
    },
  ],
  ["ExecuteStatement", { ...statement, ConsistentRead: "scalar", NextToken: "text", Limit: "scalar", ...capacity }],
  ["BatchExecuteStatement", { Statements: { list: { members: { ...statement, ConsistentRead: "scalar" } } }, ...capacity }],
  ["ExecuteTransaction", { TransactStatements: { list: { members: statement } }, ClientRequestToken: "text", ...capacity }],
  [
    "SearchVectors",
    {
      TableName: "text",
      IndexName: "text",
      SearchVector: values,
      TopK: "scalar",
      SearchConditionExpression: "text",
      ProjectionExpression: "text",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: "attributes",
      ...capacity,
    },
  ],
  [
    "ExportTableToPointInTime",
    {
      FilterSpecification: {
        members: {
          FilterExpression: "text",
          ProjectionExpression: "text",
          KeyConditionExpression: "text",
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: "attributes",
        },
      },
    },
  ],
]);
