import type { Item } from "../../../src/expressions/index.ts";
import type { ExpressionCase } from "../expression-arbitraries.ts";
import { contextAttribute } from "./attribute-pool.ts";
import { parametersOfAll } from "./fragments.ts";
import type { Conditional, KeyChoice, Operation, PageOptions, TransactAction, Update } from "./operation.ts";
import { actionIn, type TableModel } from "./random-tables.ts";
import { keyConditionOf, keyOf } from "./request-keys.ts";

export type RequestInput = Readonly<Record<string, unknown>>;

/** The requests of one operation on a table, AttributeValues throughout. */
export interface OperationRequests {
  /** The service's name of the operation. */
  readonly operation: Operation["kind"];
  /** One; a transaction that is repeated, and each segment of a scan. */
  readonly inputs: readonly RequestInput[];
  /** Whether each is followed to its last page. */
  readonly paged: boolean;
}

export function requestsOf(operation: Operation, model: TableModel, tableName: string, token: string): OperationRequests {
  const one = (input: RequestInput): OperationRequests => ({ operation: operation.kind, inputs: [input], paged: false });
  const table = { TableName: tableName };
  switch (operation.kind) {
    case "PutItem":
      return one({ ...table, ...putOf(model, operation), ...returning(operation.returnValues) });
    case "DeleteItem":
      return one({ ...table, Key: keyOf(model, operation.key), ...conditionOf(operation), ...returning(operation.returnValues) });
    case "UpdateItem":
      return one({ ...table, ...updateOf(model, operation), ...returning(updateReturns(operation)) });
    case "GetItem": {
      const { key, projection, consistent } = operation;
      return one({
        ...table,
        Key: keyOf(model, key),
        ...parametersOfAll({ ProjectionExpression: projection }),
        ...(consistent ? { ConsistentRead: true } : {}),
      });
    }
    case "BatchGetItem": {
      const { keys, projection } = operation;
      const request = { Keys: keys.map((key) => keyOf(model, key)), ...parametersOfAll({ ProjectionExpression: projection }) };
      return one({ RequestItems: { [tableName]: request } });
    }
    case "BatchWriteItem": {
      const writes = operation.writes.map(({ key, item }) => {
        const Key = keyOf(model, key);
        return item === undefined ? { DeleteRequest: { Key } } : { PutRequest: { Item: joinedItem(Key, item) } };
      });
      return one({ RequestItems: { [tableName]: writes } });
    }
    case "TransactGetItems": {
      const gets = operation.gets.map(({ key, projection }) => {
        return { Get: { ...table, Key: keyOf(model, key), ...parametersOfAll({ ProjectionExpression: projection }) } };
      });
      return one({ TransactItems: gets });
    }
    case "TransactWriteItems": {
      const TransactItems = operation.actions.map((action) => ({ [action.kind]: { ...table, ...transactPart(model, action) } }));
      const input = { TransactItems, ...(operation.token === "none" ? {} : { ClientRequestToken: token }) };
      return { operation: operation.kind, inputs: operation.token === "repeated" ? [input, input] : [input], paged: false };
    }
    case "Query": {
      const { filter, projection, partition, sort, index, forward } = operation;
      const KeyConditionExpression = keyConditionOf(model, { partition, sort, index });
      const input = {
        ...table,
        ...parametersOfAll({ KeyConditionExpression, FilterExpression: filter, ProjectionExpression: projection }),
        ...pageOf(operation),
        ...(forward === undefined ? {} : { ScanIndexForward: forward }),
      };
      return { operation: operation.kind, inputs: [input], paged: true };
    }
    case "Scan": {
      const { filter, projection, segments } = operation;
      const input = {
        ...table,
        ...parametersOfAll({ FilterExpression: filter, ProjectionExpression: projection }),
        ...pageOf(operation),
      };
      const all = Array.from({ length: segments }, (_, Segment) => ({ ...input, Segment, TotalSegments: segments }));
      return { operation: operation.kind, inputs: segments === 1 ? [input] : all, paged: true };
    }
  }
}

function transactPart(model: TableModel, action: TransactAction): RequestInput {
  if (action.kind === "Put") return putOf(model, action);
  if (action.kind === "Update") return updateOf(model, action);
  return { Key: keyOf(model, action.key), ...conditionOf(action) };
}

function putOf(model: TableModel, put: Conditional & { readonly key: KeyChoice; readonly item: Item }): RequestInput {
  const Item = joinedItem(keyOf(model, put.key), put.item);
  return { Item, ...(fitsIndexes(put.item) ? conditionOf(put) : {}) };
}

/**
 * Which keys an index takes, the service alone knows; it looks at them before it looks at the condition. A condition that
 * fails here is not sent, so that such a request has two answers.
 */
function fitsIndexes({ tag, group, score }: Item): boolean {
  return [tag?.S, group?.S, score?.N].every(
    (value, index) => value !== "" && ([tag, group, score][index] === undefined || value !== undefined),
  );
}

/** `__proto__` is a name like any other: no spread of literals, no assignment. */
function joinedItem(key: Item, item: Item): Item {
  return Object.fromEntries([...Object.entries(key), ...Object.entries(item)]);
}

function conditionOf({ condition, returnOnFailure }: Conditional): RequestInput {
  return { ...parametersOfAll({ ConditionExpression: condition }), ...onFailure(returnOnFailure) };
}

function onFailure(returnOnFailure: boolean): RequestInput {
  return returnOnFailure ? { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } : {};
}

function returning(returnValues: string | undefined): RequestInput {
  return returnValues === undefined ? {} : { ReturnValues: returnValues };
}

/** DynamoDB Local ends with an internal failure where an update of nothing is to return what was updated. */
function updateReturns({ update, returnValues }: Operation & { readonly kind: "UpdateItem" }): string | undefined {
  return update === undefined && returnValues?.startsWith("UPDATED") ? "ALL_NEW" : returnValues;
}

function updateOf(model: TableModel, operation: Update): RequestInput {
  const { update, condition } = withContext(model, operation);
  return {
    Key: keyOf(model, operation.key),
    ...parametersOfAll({ UpdateExpression: update, ConditionExpression: condition }),
    ...onFailure(operation.returnOnFailure),
  };
}

const exists: ExpressionCase = { text: "attribute_exists(pk)", names: {}, values: {} };

/**
 * A schema with a context attribute wants it in every item. An update that might create one without it either sets it,
 * or has a condition that only an item fulfils.
 */
function withContext(model: TableModel, { update, condition, whereMissing, context }: Update): Pick<Update, "update" | "condition"> {
  // Whether the key or the condition comes first where both are wrong, DynamoDB Local and dynaseal see differently.
  if (update !== undefined && /\bpk = /.test(update.text)) return { update, condition: undefined };
  if (actionIn(model, contextAttribute) !== "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") return { update, condition };
  if (update !== undefined && /\bctx = /.test(update.text)) return { update, condition };
  if (whereMissing === "refuse" || update === undefined || !/^(SET|REMOVE|ADD|DELETE) /.test(update.text)) {
    return { update, condition: exists };
  }
  const assignment = "ctx = if_not_exists(ctx, :ctx)";
  const text = /\bSET /.test(update.text) ? update.text.replace(/\bSET /, `SET ${assignment}, `) : `SET ${assignment} ${update.text}`;
  return { update: { ...update, text, values: { ...update.values, ":ctx": context } }, condition };
}

function pageOf({ index, select, projection, limit, consistent, careless }: PageOptions): RequestInput {
  const isProjecting = select === "SPECIFIC_ATTRIBUTES";
  const fits = isProjecting === (projection !== undefined) || (projection === undefined && !isProjecting);
  return {
    ...(index === undefined ? {} : { IndexName: index }),
    ...(select !== undefined && (fits || careless) ? { Select: select } : {}),
    ...(limit === undefined ? {} : { Limit: limit }),
    ...(consistent && (index === undefined || careless) ? { ConsistentRead: true } : {}),
  };
}
