import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Child, startChild } from "../../support/updates/child.ts";
import { type Drill, putFive, startDrill } from "../../support/updates/drill.ts";
import { itemsTable, keyOf, readItem } from "../../support/updates/items-table.ts";

const account = "crash";
let drill: Drill;

beforeAll(async () => {
  drill = await startDrill(inject("dynamoDbEndpoint"), account);
});
beforeEach(() => drill.reset());
afterAll(() => drill.stop());

const start = (id: string): Child => startChild("update-once.ts", { endpoint: drill.proxyEndpoint, account, id });
const stored = async (id: string): Promise<unknown> =>
  (await drill.plain.send(new GetItemCommand({ TableName: itemsTable, Key: keyOf(id), ConsistentRead: true }))).Item;

/** Kills the process in the moment in which its write arrives at the proxy, or has been done by the server. */
async function killAtWrite(id: string, moment: "before" | "after"): Promise<void> {
  const child = start(id);
  const done = child.line().then(
    () => "done",
    () => "killed",
  );
  await new Promise<void>((resolve) => {
    const landed = async (): Promise<void> => {
      await child.kill();
      resolve();
    };
    drill.plan("UpdateItem", moment === "before" ? { kind: "swallow", arrived: () => void landed() } : { kind: "lose", landed });
  });
  expect(await done).toBe("killed");
  expect(drill.came).toEqual(["GetItem", "UpdateItem"]);
}

test("a process that dies between read and write leaves the old item, whole and readable", async () => {
  const id = "between";
  await putFive(drill.direct, id);
  const [row, item] = [await stored(id), await readItem(drill.direct, id)];
  await killAtWrite(id, "before");
  expect(await stored(id)).toEqual(row);
  expect(await readItem(drill.direct, id)).toEqual(item);
});

test("nothing that it left is in the way of the next process", async () => {
  const id = "next";
  await putFive(drill.direct, id);
  await killAtWrite(id, "before");
  const child = start(id);
  expect(await child.line()).toBe("done");
  await child.ended();
  expect(await readItem(drill.direct, id)).toMatchObject({ count: 6, open: 6, last: "child" });
});

test("a process that dies before it creates its item leaves none", async () => {
  const id = "none";
  await killAtWrite(id, "before");
  expect(await stored(id)).toBeUndefined();
});

test("a process that dies after its write landed leaves the new item, whole and readable", async () => {
  const id = "after";
  await putFive(drill.direct, id);
  await killAtWrite(id, "after");
  expect(await readItem(drill.direct, id)).toMatchObject({ count: 6, open: 6, last: "child" });
});
