import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { isDynasealError } from "../../../src/errors/index.ts";
import {
  applyProjection,
  applyUpdate,
  type ExpressionKind,
  evaluateCondition,
  type Item,
  parseExpressions,
} from "../../../src/expressions/index.ts";
import { canonical } from "../../support/canonical-value.ts";
import { type ExpressionCase, parametersOf } from "../../support/expression-arbitraries.ts";

/** What an expression came to: a truth value, an item, or a refusal with its wording. */
export type Outcome =
  | { readonly kind: "truth"; readonly holds: boolean }
  | { readonly kind: "item"; readonly item: Item }
  | { readonly kind: "refused"; readonly reason: string };

export interface Comparison {
  readonly expression: ExpressionCase;
  readonly item: Item;
  readonly ours: Outcome;
  readonly service: Outcome;
}

const tableName = "expressions";
/** A table with a sort key (pk of type S, sk of type N), for key conditions. */
export const keyTable = "expressions-with-sort-key";

export function connect(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
}

export async function createTable(client: DynamoDBClient): Promise<void> {
  const pk = { AttributeName: "pk", AttributeType: "S" } as const;
  const sk = { AttributeName: "sk", AttributeType: "N" } as const;
  const hash = { AttributeName: "pk", KeyType: "HASH" } as const;
  const range = { AttributeName: "sk", KeyType: "RANGE" } as const;
  const common = { BillingMode: "PAY_PER_REQUEST" } as const;
  await client.send(new CreateTableCommand({ ...common, TableName: tableName, AttributeDefinitions: [pk], KeySchema: [hash] }));
  await client.send(new CreateTableCommand({ ...common, TableName: keyTable, AttributeDefinitions: [pk, sk], KeySchema: [hash, range] }));
}

/** Stores up to 25 items and has both sides take each one's expression. */
export async function compareAll(
  client: DynamoDBClient,
  kind: ExpressionKind,
  cases: readonly { readonly expression: ExpressionCase; readonly item: Item }[],
): Promise<readonly Comparison[]> {
  const keyed = cases.map(({ expression, item }, i) => ({ expression, item: { ...item, pk: { S: `item ${i}` } } }));
  await client.send(
    new BatchWriteItemCommand({ RequestItems: { [tableName]: keyed.map(({ item }) => ({ PutRequest: { Item: item } })) } }),
  );
  return Promise.all(
    keyed.map(async ({ expression, item }) => ({
      expression,
      item,
      ours: ourOutcome(kind, expression, item),
      service: await serviceOutcome(client, kind, expression, item.pk),
    })),
  );
}

export function ourOutcome(kind: ExpressionKind, expression: ExpressionCase, item: Item): Outcome {
  try {
    const parsed = parseExpressions(parametersOf(kind, expression));
    const condition = parsed.condition ?? parsed.filter;
    if (condition !== undefined) return { kind: "truth", holds: evaluateCondition(condition, item) };
    if (parsed.projection !== undefined) return { kind: "item", item: applyProjection(parsed.projection.paths, item) };
    if (parsed.update !== undefined) return { kind: "item", item: applyUpdate(parsed.update, item).item };
    throw new Error(`no tree for ${kind}`);
  } catch (error) {
    if (!isDynasealError(error, "ERR_EXPRESSION_INVALID")) throw error;
    return { kind: "refused", reason: error.details.reason };
  }
}

async function serviceOutcome(
  client: DynamoDBClient,
  kind: ExpressionKind,
  expression: ExpressionCase,
  pk: AttributeValue,
): Promise<Outcome> {
  const common = { TableName: tableName, ...parametersOf(kind, expression) };
  const Key = { pk };
  try {
    switch (kind) {
      case "ConditionExpression":
        // An update without actions changes nothing, so the item stays for the next case.
        await client.send(new UpdateItemCommand({ ...common, Key }));
        return { kind: "truth", holds: true };
      case "FilterExpression":
        return { kind: "truth", holds: await filterHolds(client, expression, pk) };
      case "ProjectionExpression":
        return { kind: "item", item: (await client.send(new GetItemCommand({ ...common, Key }))).Item ?? {} };
      case "UpdateExpression":
        return {
          kind: "item",
          item: (await client.send(new UpdateItemCommand({ ...common, Key, ReturnValues: "ALL_NEW" }))).Attributes ?? {},
        };
      case "KeyConditionExpression":
        throw new Error("key conditions are compared on their own");
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === "ConditionalCheckFailedException") return { kind: "truth", holds: false };
    if (error.name === "ValidationException") return { kind: "refused", reason: error.message };
    throw error;
  }
}

/** A Query of just this item; its key condition brings placeholders of its own. */
async function filterHolds(client: DynamoDBClient, expression: ExpressionCase, pk: AttributeValue): Promise<boolean> {
  const found = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: "pk = :pk",
      FilterExpression: expression.text,
      ...(Object.keys(expression.names).length === 0 ? {} : { ExpressionAttributeNames: { ...expression.names } }),
      ExpressionAttributeValues: { ...expression.values, ":pk": pk },
    }),
  );
  return found.Count === 1;
}

/** Whether both sides say the same; a refusal's wording is compared apart. */
export function agrees({ ours, service }: Comparison): boolean {
  if (ours.kind === "truth" && service.kind === "truth") return ours.holds === service.holds;
  if (ours.kind === "item" && service.kind === "item") return canonical({ M: { ...ours.item } }) === canonical({ M: { ...service.item } });
  return ours.kind === service.kind;
}

/** `SET q = :a ± :b` for numbers of all sizes, some of whose sums need more digits than there are. */
export function arithmeticCase(): fc.Arbitrary<ExpressionCase> {
  const number = fc
    .record({
      digits: fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
      drop: fc.nat({ max: 37 }),
      exponent: fc.integer({ min: -20, max: 20 }),
      far: fc.boolean(),
    })
    .map(({ digits, drop, exponent, far }) => `${digits / 10n ** BigInt(drop)}e${far ? exponent * 6 : Math.trunc(exponent / 4)}`);
  return fc.tuple(number, number, fc.constantFrom("+", "-")).map(([a, b, operator]) => ({
    text: `SET q = :a ${operator} :b`,
    names: {},
    values: { ":a": { N: a }, ":b": { N: b } },
  }));
}
