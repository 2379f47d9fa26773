import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions, customersName as TableName } from "./client-tables.ts";
import { guardedFixture, keyOf, N, S } from "./guarded-fixture.ts";
import { hookedClient } from "./hooked-client.ts";

/** Updates that make their item, while other processes of the same Region make it too, over one server. */
export function creationRaceSuite(start: () => Promise<ClientServer>): void {
  const { server, wrap, get } = guardedFixture(start);

  /** Creates the item or adds to it; both counters tell how often. */
  const upsert = (id: string, by: string): UpdateItemCommand =>
    new UpdateItemCommand({
      ...{ TableName, Key: keyOf(id), ReturnValues: "ALL_OLD" },
      UpdateExpression: "SET balance = if_not_exists(balance, :zero) + :one, madeBy = if_not_exists(madeBy, :by) ADD visits :one",
      ExpressionAttributeValues: { ":zero": N(0), ":one": N(1), ":by": S(by) },
    });
  /** A client as in a process of its own, which others get ahead of at its nth update. */
  const behind = (nth: number, others: () => Promise<unknown>): DynamoDBClient => {
    let updates = 0;
    const base = hookedClient(server().config, (command) => (command === "UpdateItemCommand" && ++updates === nth ? others() : undefined));
    return encryptedClient(base, { ...clientOptions, maxUpdateAttempts: 20 });
  };

  test("one creates, the other one updates what was created", async () => {
    const rival = wrap();
    const { Attributes } = await behind(1, () => rival.send(upsert("made", "rival"))).send(upsert("made", "late"));
    const made = { ...keyOf("made"), balance: N(1), madeBy: S("rival"), visits: N(1) };
    expect(Attributes).toEqual(made);
    expect(await get("made")).toEqual({ ...made, balance: N(2), visits: N(2) });
  });

  test.each([
    ["decided by the service", "attribute_not_exists(email) AND attribute_not_exists(balance)"],
    ["decided here", "NOT balance >= :zero"],
  ])("one creates, and the other one's condition that there is nothing fails, %s", async (id, ConditionExpression) => {
    const rival = wrap();
    const late = new UpdateItemCommand({ ...upsert(id, "late").input, ConditionExpression });
    const losing = behind(1, () => rival.send(upsert(id, "rival"))).send(late);
    await expect(losing).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(await get(id)).toEqual({ ...keyOf(id), balance: N(1), madeBy: S("rival"), visits: N(1) });
  });

  test("many processes at once: one creates, and every update counts", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `process ${index}`);
    const answers = await Promise.all(names.map((name) => behind(0, async () => undefined).send(upsert("crowd", name))));
    expect(answers.filter(({ Attributes }) => Attributes === undefined).length).toBe(1);
    const item = await get("crowd");
    expect(item).toMatchObject({ balance: N(8), visits: N(8) });
    expect(names).toContain(item?.["madeBy"]?.S);
  });

  test("a native update that finds no item, while another one makes it", async () => {
    const visit = new UpdateItemCommand({
      ...{ TableName, Key: keyOf("native"), UpdateExpression: "ADD visits :one", ExpressionAttributeValues: { ":one": N(1) } },
    });
    const rival = wrap();
    await behind(2, () => rival.send(upsert("native", "rival"))).send(visit);
    expect(await get("native")).toEqual({ ...keyOf("native"), balance: N(1), madeBy: S("rival"), visits: N(2) });
  });
}
