import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  type ExpressionParameters,
  type ParsedExpressions,
  PlaceholderWriter,
  parseExpressions,
  printCondition,
  printUpdate,
} from "../../../src/expressions/index.ts";
import type { OperationRequests, RequestInput } from "./requests.ts";
import type { Side } from "./sides.ts";

/**
 * A named exception: `REMOVE x.y` of an item that is not there is accepted by the service, which has nothing to remove,
 * and refused by DynamoDB Local. So the plain table is asked for the rest of such an update.
 */
export async function withoutInnerRemoves(side: Side, requests: OperationRequests): Promise<OperationRequests> {
  if (requests.operation === "UpdateItem") {
    return { ...requests, inputs: await Promise.all(requests.inputs.map((input) => ofAbsentItem(side, input))) };
  }
  if (requests.operation !== "TransactWriteItems") return requests;
  const inputs = requests.inputs.map(async (input) => {
    const { TransactItems = [] } = input as { TransactItems?: readonly { readonly Update?: RequestInput }[] };
    const actions = TransactItems.map(async (action) => {
      return action.Update === undefined ? action : { Update: await ofAbsentItem(side, action.Update) };
    });
    return { ...input, TransactItems: await Promise.all(actions) };
  });
  return { ...requests, inputs: await Promise.all(inputs) };
}

async function ofAbsentItem({ client }: Side, input: RequestInput): Promise<RequestInput> {
  const { UpdateExpression, ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues, ...rest } = input;
  const { condition, update } = parsed({
    UpdateExpression,
    ConditionExpression,
    ExpressionAttributeNames,
    ExpressionAttributeValues,
  } as ExpressionParameters);
  if (update === undefined || update.remove.every(({ elements }) => elements.length === 1)) return input;
  const { TableName, Key } = rest as { TableName: string; Key: Record<string, AttributeValue> };
  const found = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true })).catch(() => undefined);
  // A key that is none is refused with the whole update.
  if (found === undefined || found.Item !== undefined) return input;
  const writer = new PlaceholderWriter();
  const text = printUpdate({ ...update, remove: update.remove.filter(({ elements }) => elements.length === 1) }, writer);
  const guard = condition === undefined ? {} : { ConditionExpression: printCondition(condition, writer) };
  // DynamoDB Local ends with an internal failure where an update of nothing is to return what was updated.
  const nothing = text === "" && String(rest["ReturnValues"]).startsWith("UPDATED") ? { ReturnValues: "NONE" } : {};
  return { ...rest, ...nothing, ...(text === "" ? {} : { UpdateExpression: text }), ...guard, ...writer.placeholders() };
}

function parsed(parameters: ExpressionParameters): ParsedExpressions {
  try {
    return parseExpressions(parameters);
  } catch {
    return {};
  }
}
