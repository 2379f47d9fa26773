import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { isDynasealError } from "../../../src/errors/index.ts";
import type { ItemAnswer, ItemChange, ItemOperation } from "./item-model.ts";
import { itemsTable, keyOf, listOf, readItem, valueOf } from "./items-table.ts";

/** An operation before it is answered. */
export type PlannedOperation = Omit<ItemOperation, "answer">;

/** Does one operation on one item. `undefined`: it took no effect and never will. */
export type ItemActor = (id: string, planned: PlannedOperation) => Promise<ItemAnswer | undefined>;

/** Operations as an application sends them, through the encrypted client or a plain one. */
export function clientActor(client: DynamoDBClient): ItemActor {
  return async (id, planned) => {
    try {
      return await send(client, id, planned);
    } catch (error) {
      return answerOf(error);
    }
  };
}

async function send(client: DynamoDBClient, id: string, planned: PlannedOperation): Promise<ItemAnswer> {
  if (planned.kind === "read") return { outcome: "done", item: await readItem(client, id) };
  const command =
    planned.kind === "delete" ? new DeleteItemCommand(deleteInput(id, planned)) : new UpdateItemCommand(updateInput(id, planned));
  const { Attributes, $metadata } = await client.send(command as UpdateItemCommand);
  const item = valueOf(Attributes);
  // The answer was lost: what is unsigned may have changed between the write and the look that found it done.
  return $metadata.httpStatusCode === 200 ? { outcome: "done", item } : { outcome: "done", item, unsure: ["open"] };
}

/** What an error says of the operation's effect; one that says nothing of it fails the test. */
export function answerOf(error: unknown): ItemAnswer | undefined {
  const code: string | undefined = isDynasealError(error) ? error.code : undefined;
  if (code === "ERR_UPDATE_CONTENDED") return undefined;
  if (code === "ERR_UPDATE_OUTCOME_UNKNOWN" || isLostConnection(error)) return { outcome: "unknown" };
  if (error instanceof Error && error.name === "ConditionalCheckFailedException") {
    return { outcome: "failed", item: valueOf((error as { readonly Item?: Record<string, AttributeValue> }).Item) };
  }
  throw error;
}

const lostConnection: ReadonlySet<unknown> = new Set(["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "TimeoutError"]);

/** Also an answer that ends in its middle, which the SDK cannot parse. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return lostConnection.has(error.name) || lostConnection.has((error as NodeJS.ErrnoException).code) || error.message === "aborted";
}

function updateInput(id: string, planned: PlannedOperation): UpdateItemCommandInput {
  const { change = {}, returns = "NONE" } = planned;
  const { names, values, expression } = updateExpression(change);
  return {
    TableName: itemsTable,
    Key: keyOf(id),
    UpdateExpression: expression,
    ReturnValues: returns,
    ...condition(planned, names, values),
  };
}

function deleteInput(id: string, planned: PlannedOperation): UpdateItemCommandInput {
  const { returns = "NONE" } = planned;
  return { TableName: itemsTable, Key: keyOf(id), ReturnValues: returns, ...condition(planned, {}, {}) };
}

type Names = Record<string, string>;
type Values = Record<string, AttributeValue>;

function condition({ expected }: PlannedOperation, names: Names, values: Values): Partial<UpdateItemCommandInput> {
  if (expected !== undefined) {
    names["#last"] = "last";
    values[":expected"] = { S: expected };
  }
  return {
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    ...(expected === undefined
      ? {}
      : { ConditionExpression: "#last = :expected", ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const }),
  };
}

/** `ADD #count :count, #open :open SET #last = :last, #log = …`, of what there is to change. */
function updateExpression({ count, open, last }: ItemChange): {
  readonly expression: string;
  readonly names: Names;
  readonly values: Values;
} {
  const numbers = Object.entries({ count, open }).filter(([, value]) => value !== undefined);
  const add = numbers.length === 0 ? [] : [`ADD ${numbers.map(([name]) => `#${name} :${name}`).join(", ")}`];
  const names: Names = Object.fromEntries(numbers.map(([name]) => [`#${name}`, name]));
  const values: Values = Object.fromEntries(numbers.map(([name, value]) => [`:${name}`, { N: String(value) }]));
  if (last === undefined) return { expression: add.join(""), names, values };
  return {
    expression: [...add, "SET #last = :last, #log = list_append(if_not_exists(#log, :none), :entry)"].join(" "),
    names: { ...names, "#last": "last", "#log": "log" },
    values: { ...values, ":last": { S: last }, ":none": listOf(undefined), ":entry": listOf(last) },
  };
}
