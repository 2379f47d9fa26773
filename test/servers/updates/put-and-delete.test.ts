import { DeleteItemCommand, type DynamoDBClient, type DynamoDBClientConfig, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Drill, putFive, startDrill } from "../../support/updates/drill.ts";
import { type Fault, lateWrite } from "../../support/updates/fault-proxy.ts";
import type { ItemValue } from "../../support/updates/item-model.ts";
import { itemsTable, keyOf, readItem, valueOf } from "../../support/updates/items-table.ts";

// Put and Delete whose condition only this side can decide, so that they are guarded as updates are.

let drill: Drill;

beforeAll(async () => {
  drill = await startDrill(inject("dynamoDbEndpoint"), "putanddelete");
});
beforeEach(() => drill.reset());
afterAll(() => drill.stop());

/** Only where no answer comes: a busy machine is late too. */
const timeout: Partial<DynamoDBClientConfig> = { requestHandler: { requestTimeout: 400, throwOnRequestTimeout: true } };
const ifFive = {
  ConditionExpression: "#count = :five",
  ExpressionAttributeNames: { "#count": "count" },
  ExpressionAttributeValues: { ":five": { N: "5" } },
  ReturnValues: "ALL_OLD",
} as const;

async function put(client: DynamoDBClient, id: string): Promise<ItemValue | undefined> {
  const Item = { ...keyOf(id), count: { N: "50" }, last: { S: "replaced" } };
  return valueOf((await client.send(new PutItemCommand({ TableName: itemsTable, Item, ...ifFive }))).Attributes);
}

async function remove(client: DynamoDBClient, id: string): Promise<ItemValue | undefined> {
  return valueOf((await client.send(new DeleteItemCommand({ TableName: itemsTable, Key: keyOf(id), ...ifFive }))).Attributes);
}

const five = { count: 5, open: 5, last: "put" };
const unknown = { code: "ERR_UPDATE_OUTCOME_UNKNOWN" };

describe.each([1, 3])("with %i attempts of the SDK", (maxAttempts) => {
  const connect = (kind: Fault["kind"]): DynamoDBClient =>
    drill.connect(kind === "hold" || kind === "swallow" ? { maxAttempts, ...timeout } : { maxAttempts });

  async function prepared(name: string): Promise<string> {
    const id = `${name} ${maxAttempts}`;
    await putFive(drill.direct, id);
    return id;
  }

  describe.each(["lose", "tear", "hold"] as const)("whose answer is cut (%s)", (kind) => {
    test("a Put that landed is done", async () => {
      const id = await prepared(`put ${kind}`);
      drill.plan("PutItem", { kind });
      expect(await put(connect(kind), id)).toMatchObject(five);
      expect(await readItem(drill.direct, id)).toMatchObject({ count: 50, last: "replaced" });
    });

    test("a Put that landed and that somebody deleted is not done again", async () => {
      const id = await prepared(`put, deleted ${kind}`);
      const landed = async (): Promise<void> => {
        await drill.direct.send(new DeleteItemCommand({ TableName: itemsTable, Key: keyOf(id) }));
      };
      drill.plan("PutItem", { kind, landed });
      await expect(put(connect(kind), id)).rejects.toMatchObject(unknown);
      expect(await readItem(drill.direct, id)).toBeUndefined();
    });

    // It leaves no footer by which to know it: somebody else may have deleted the item.
    test("a Delete that landed is of unknown outcome", async () => {
      const id = await prepared(`delete ${kind}`);
      drill.plan("DeleteItem", { kind });
      await expect(remove(connect(kind), id)).rejects.toMatchObject(unknown);
      expect(await readItem(drill.direct, id)).toBeUndefined();
    });

    test("a Delete that landed takes no item that somebody made after it", async () => {
      const id = await prepared(`delete, made ${kind}`);
      drill.plan("DeleteItem", { kind, landed: () => putFive(drill.direct, id) });
      await expect(remove(connect(kind), id)).rejects.toMatchObject(unknown);
      expect(await readItem(drill.direct, id)).toMatchObject(five);
    });
  });

  describe.each(["refuse", "swallow"] as const)("that did not land (%s)", (kind) => {
    test("a Put is repeated", async () => {
      const id = await prepared(`put ${kind}`);
      drill.plan("PutItem", { kind });
      expect(await put(connect(kind), id)).toMatchObject(five);
      expect(await readItem(drill.direct, id)).toMatchObject({ count: 50 });
    });

    test("a Delete is repeated", async () => {
      const id = await prepared(`delete ${kind}`);
      drill.plan("DeleteItem", { kind });
      expect(await remove(connect(kind), id)).toMatchObject(five);
      expect(await readItem(drill.direct, id)).toBeUndefined();
    });
  });
});

test("a Delete that comes late finds an item that is no longer the one it was for", async () => {
  const id = "late";
  await putFive(drill.direct, id);
  const { fault, come } = lateWrite();
  drill.plan("DeleteItem", fault);
  expect(await remove(drill.connect({ maxAttempts: 1 }), id)).toMatchObject(five);
  await putFive(drill.direct, id);
  await come();
  expect(await readItem(drill.direct, id)).toMatchObject(five);
});
