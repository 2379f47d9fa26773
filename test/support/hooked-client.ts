import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/** A client with something that happens before each send, told the command's name, such as `"UpdateItemCommand"`. */
export function hookedClient(config: DynamoDBClientConfig, before: (command: string) => Promise<unknown> | undefined): DynamoDBClient {
  const client = new DynamoDBClient(config);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      await before(String(context["commandName"]));
      return next(args);
    },
    { step: "initialize", name: "hook" },
  );
  return client;
}
