import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { clientConfig, encryptedItems, itemsTable, keyOf } from "./items-table.ts";

// A process that adds one to both counters, once, and says so. Its argument names server, account and item.
const { endpoint, account, id } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly endpoint: string;
  readonly account: string;
  readonly id: string;
};
const base = new DynamoDBClient(clientConfig(endpoint, account));
await encryptedItems(base).send(
  new UpdateItemCommand({
    TableName: itemsTable,
    Key: keyOf(id),
    UpdateExpression: "ADD #count :one, #open :one SET #last = :last",
    ExpressionAttributeNames: { "#count": "count", "#open": "open", "#last": "last" },
    ExpressionAttributeValues: { ":one": { N: "1" }, ":last": { S: "child" } },
  }),
);
base.destroy();
process.stdout.write("done\n");
