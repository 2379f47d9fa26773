import { type DynamoDBClient, GetItemCommand, type GetItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { Item } from "./guarded-fixture.ts";

/** An item as a client reads it now. */
export async function storedItem(client: DynamoDBClient, { TableName, Key }: GetItemCommandInput): Promise<Item | undefined> {
  return (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}
