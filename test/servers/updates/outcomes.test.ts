import { type DynamoDBClient, type DynamoDBClientConfig, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Drill, putFive, startDrill } from "../../support/updates/drill.ts";
import { type Fault, lateWrite } from "../../support/updates/fault-proxy.ts";
import type { ItemValue } from "../../support/updates/item-model.ts";
import { itemsTable, keyOf, readItem, valueOf } from "../../support/updates/items-table.ts";

let drill: Drill;

beforeAll(async () => {
  drill = await startDrill(inject("dynamoDbEndpoint"), "outcomes");
});
beforeEach(() => drill.reset());
afterAll(() => drill.stop());

/** Only where no answer comes: a busy machine is late too. */
const timeout: Partial<DynamoDBClientConfig> = { requestHandler: { requestTimeout: 400, throwOnRequestTimeout: true } };

/** Adds one to both counters. */
async function addOne(client: DynamoDBClient, id: string): Promise<ItemValue | undefined> {
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName: itemsTable,
      Key: keyOf(id),
      UpdateExpression: "ADD #count :one, #open :one",
      ExpressionAttributeNames: { "#count": "count", "#open": "open" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "ALL_NEW",
    }),
  );
  return valueOf(Attributes);
}

/** Somebody else adds one. */
const another = (id: string) => async (): Promise<void> => void (await addOne(drill.direct, id));
const counters = async (id: string): Promise<readonly [number | undefined, number | undefined]> => {
  const { count, open } = (await readItem(drill.direct, id)) ?? {};
  return [count, open];
};
const unknown = { code: "ERR_UPDATE_OUTCOME_UNKNOWN" };

describe.each([1, 3])("with %i attempts of the SDK", (maxAttempts) => {
  const patient = { maxAttempts };
  const configFor = (kind: Fault["kind"]): Partial<DynamoDBClientConfig> =>
    kind === "hold" || kind === "swallow" ? { maxAttempts, ...timeout } : patient;
  const idOf = (name: string): string => `${name} ${maxAttempts}`;

  test.each(["lose", "tear", "hold"] as const)("a write that landed is not done again: its answer is cut (%s)", async (kind) => {
    const id = idOf(kind);
    await putFive(drill.direct, id);
    drill.plan("UpdateItem", { kind });
    expect(await addOne(drill.connect(configFor(kind)), id)).toMatchObject({ count: 6, open: 6 });
    expect(await counters(id)).toEqual([6, 6]);
  });

  test.each(["refuse", "swallow"] as const)("a write that did not land is repeated (%s)", async (kind) => {
    const id = idOf(kind);
    await putFive(drill.direct, id);
    drill.plan("UpdateItem", { kind });
    expect(await addOne(drill.connect(configFor(kind)), id)).toMatchObject({ count: 6, open: 6 });
    expect(await counters(id)).toEqual([6, 6]);
  });

  test("nothing is read again where no answer was lost", async () => {
    const id = idOf("calm");
    await putFive(drill.direct, id);
    await addOne(drill.connect(patient), id);
    expect(drill.came).toEqual(["GetItem", "UpdateItem"]);
  });

  test.each(["lose", "tear", "hold"] as const)(
    "somebody else wrote after a write that landed (%s): unknown, not done again",
    async (kind) => {
      const id = idOf(`other after ${kind}`);
      await putFive(drill.direct, id);
      drill.plan("UpdateItem", { kind, landed: another(id) });
      await expect(addOne(drill.connect(configFor(kind)), id)).rejects.toMatchObject(unknown);
      expect(await counters(id)).toEqual([7, 7]);
    },
  );

  test("a write that comes late, before its repeat, is found and not done again", async () => {
    const id = idOf("late");
    await putFive(drill.direct, id);
    const { fault, come } = lateWrite();
    drill.plan("UpdateItem", ...Array.from({ length: maxAttempts - 1 }, () => ({ kind: "refuse" }) as const), fault);
    drill.plan("GetItem", { kind: "pass" }, { kind: "pass", landed: come });
    expect(await addOne(drill.connect(patient), id)).toMatchObject({ count: 6, open: 6 });
    expect(await counters(id)).toEqual([6, 6]);
  });

  test("a write that comes late, and then somebody else's: unknown, not done again", async () => {
    const id = idOf("late, other");
    await putFive(drill.direct, id);
    const { fault, come } = lateWrite();
    drill.plan("UpdateItem", ...Array.from({ length: maxAttempts - 1 }, () => ({ kind: "refuse" }) as const), fault);
    drill.plan("GetItem", { kind: "pass" }, { kind: "pass", landed: () => come().then(another(id)) });
    await expect(addOne(drill.connect(patient), id)).rejects.toMatchObject(unknown);
    expect(await counters(id)).toEqual([7, 7]);
  });

  test("a write that comes when its repeat is done comes too late", async () => {
    const id = idOf("too late");
    await putFive(drill.direct, id);
    const { fault, come } = lateWrite();
    drill.plan("UpdateItem", ...Array.from({ length: maxAttempts - 1 }, () => ({ kind: "refuse" }) as const), fault);
    expect(await addOne(drill.connect(patient), id)).toMatchObject({ count: 6, open: 6 });
    await come();
    expect(await counters(id)).toEqual([6, 6]);
  });

  test("attempts that run out while the last write may still come: unknown", async () => {
    const id = idOf("out of attempts");
    await putFive(drill.direct, id);
    const { fault, come } = lateWrite();
    drill.plan("UpdateItem", ...Array.from({ length: maxAttempts - 1 }, () => ({ kind: "refuse" }) as const), fault);
    await expect(addOne(drill.connect(patient, { maxUpdateAttempts: 1 }), id)).rejects.toMatchObject(unknown);
    await come();
    expect(await counters(id)).toEqual([6, 6]);
  });

  test.each(["lose", "tear", "hold"] as const)("an update that created its item is not done again (%s)", async (kind) => {
    const id = idOf(`new ${kind}`);
    drill.plan("UpdateItem", { kind });
    expect(await addOne(drill.connect(configFor(kind)), id)).toMatchObject({ count: 1, open: 1 });
    expect(await counters(id)).toEqual([1, 1]);
  });

  test("an update that did not create its item never leaves half of one", async () => {
    const id = idOf("new refuse");
    drill.plan("UpdateItem", { kind: "refuse" });
    const outcome = await addOne(drill.connect(patient), id).catch((error: unknown) => error);
    // Where there is no item now, one may have been made and deleted meanwhile: nobody can tell.
    if (outcome instanceof Error) expect(outcome).toMatchObject(unknown);
    expect(await counters(id)).toEqual(outcome instanceof Error ? [undefined, undefined] : [1, 1]);
  });
});
