import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startChild } from "../../support/updates/child.ts";
import { addToCounters, type CounterReport, type CounterTask, sumOfReports } from "../../support/updates/counters.ts";
import { clientConfig, createItemsTable, encryptedItems, itemsTable, keyOf, readItem } from "../../support/updates/items-table.ts";

const account = "counters";
const endpoint = inject("dynamoDbEndpoint");
/** `COUNTERS=full` is the whole measurement, some minutes long. */
const sizes = process.env["COUNTERS"] === "full" ? { writers: 16, updatesEach: 50 } : { writers: 4, updatesEach: 10 };
const processes = 4;
const longEnough = 600_000;

let direct: DynamoDBClient;
let encrypted: DynamoDBClient;

beforeAll(async () => {
  direct = new DynamoDBClient(clientConfig(endpoint, account));
  encrypted = encryptedItems(direct);
  await createItemsTable(direct);
});
afterAll(() => direct.destroy());

async function taskFor(id: string, more: Partial<CounterTask> = {}): Promise<CounterTask> {
  const Item = { ...keyOf(id), count: { N: "0" }, open: { N: "0" } };
  await encrypted.send(new PutItemCommand({ TableName: itemsTable, Item }));
  return { endpoint, account, id, clients: 1, nativeEach: 0, ...sizes, ...more };
}

/** Every process begins when all are ready. */
async function inProcesses(task: CounterTask): Promise<CounterReport> {
  const children = Array.from({ length: processes }, () => startChild("counter-worker.ts", task));
  await Promise.all(children.map(({ line }) => line()));
  for (const { tell } of children) tell("go");
  const reports = await Promise.all(children.map(async ({ line }) => JSON.parse(await line()) as CounterReport));
  await Promise.all(children.map(({ ended }) => ended()));
  return sumOfReports(reports);
}

async function expectExact(name: string, task: CounterTask, report: CounterReport): Promise<void> {
  process.stdout.write(`${name}: ${JSON.stringify(report)}\n`);
  const { count, open } = (await readItem(encrypted, task.id)) ?? {};
  expect({ count, open }).toEqual({ count: report.done, open: report.done + report.nativeDone });
}

test(
  `counters equal the updates that ${processes} processes of ${sizes.writers} writers did`,
  async () => {
    const task = await taskFor("processes");
    const report = await inProcesses(task);
    expect(report.done).toBe(processes * sizes.writers * sizes.updatesEach);
    expect(report.lostRaces).toBeGreaterThan(0);
    await expectExact("counters, processes", task, report);
  },
  longEnough,
);

test(
  "clients of one process that share no queue, with native additions beside, which nothing overwrites",
  async () => {
    const task = await taskFor("clients", { clients: 2, nativeEach: sizes.updatesEach });
    const report = await addToCounters(task, (config) => new DynamoDBClient(config));
    expect(report).toMatchObject({ done: sizes.writers * sizes.updatesEach, nativeDone: sizes.writers * sizes.updatesEach });
    expect(report.lostRaces).toBeGreaterThan(0);
    await expectExact("counters, two clients", task, report);
  },
  longEnough,
);

test("a client alone does not race itself", async () => {
  const task = await taskFor("queue");
  const report = await addToCounters(task, (config) => new DynamoDBClient(config));
  expect(report).toMatchObject({ lostRaces: 0, contended: 0 });
  await expectExact("counters, one client", task, report);
});
