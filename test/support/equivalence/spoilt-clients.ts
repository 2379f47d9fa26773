import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

type Members = Readonly<Record<string, unknown>>;

export interface Mistake {
  readonly operation: string;
  readonly request?: (input: Members) => Members;
  readonly answer?: (output: Members) => Members;
}

const without = (members: Members, ...names: readonly string[]): Members =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));

/** Mistakes that an encrypted client might make; the comparison has to find each. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  "the condition of a deletion is forgotten": {
    operation: "DeleteItem",
    request: (input) => without(input, "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"),
  },
  "the old item is returned for the new one": {
    operation: "UpdateItem",
    request: (input) => (input["ReturnValues"] === "ALL_NEW" ? { ...input, ReturnValues: "ALL_OLD" } : input),
  },
  "the item of a failed condition is withheld": {
    operation: "PutItem",
    request: (input) => without(input, "ReturnValuesOnConditionCheckFailure"),
  },
  "an attribute is not written": {
    operation: "PutItem",
    request: (input) => ({ ...input, Item: without((input["Item"] ?? {}) as Members, "Notes") }),
  },
  "pages ignore their limit": { operation: "Query", request: (input) => without(input, "Limit") },
  "a filtered page counts what it read": {
    operation: "Scan",
    answer: (output) => ({ ...output, Count: output["ScannedCount"] }),
  },
  "an item of which nothing is projected is taken for none": {
    operation: "GetItem",
    answer: (output) => (Object.keys(output["Item"] ?? {}).length === 0 ? without(output, "Item") : output),
  },
  "a transaction's reasons are in another order": {
    operation: "TransactWriteItems",
    request: (input) => ({ ...input, TransactItems: ((input["TransactItems"] ?? []) as readonly unknown[]).toReversed() }),
  },
};

/** A plain client that makes one mistake. */
export function spoiltClient(config: DynamoDBClientConfig, { operation, request, answer }: Mistake): DynamoDBClient {
  const client = new DynamoDBClient(config);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context["commandName"] !== `${operation}Command`) return next(args);
      const input = request === undefined ? args.input : (request(args.input as unknown as Members) as unknown as typeof args.input);
      const result = await next({ ...args, input });
      if (answer === undefined) return result;
      return { ...result, output: answer(result.output as unknown as Members) as unknown as typeof result.output };
    },
    { step: "initialize" },
  );
  return client;
}
