import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { clientConfig, createItemsTable } from "../../support/updates/items-table.ts";
import { type Flaw, plainActor } from "../../support/updates/plain-update.ts";
import { draws, seedOf } from "../../support/updates/random.ts";
import type { RandomFaults } from "../../support/updates/random-faults.ts";
import { guardedPlan } from "../../support/updates/record-history.ts";
import { type HistoriesReport, reportLine, runHistories } from "../../support/updates/run-histories.ts";

// What the histories of guarded updates are checked with has to find updates that are done wrong: by hand, on a plain table.

const account = "checker";
const endpoint = inject("dynamoDbEndpoint");
const seed = seedOf("HISTORIES_SEED");
const random = draws(seed);

const cuts: RandomFaults = { rate: 0.15, kinds: ["refuse", "lose", "tear", "late"] };

beforeAll(async () => {
  process.stdout.write(`updates by hand, HISTORIES_SEED=${seed}\n`);
  const client = new DynamoDBClient(clientConfig(endpoint, account));
  await createItemsTable(client);
  client.destroy();
});

async function byHand(options: { readonly flaw?: Flaw; readonly faults: RandomFaults; readonly count: number }): Promise<HistoriesReport> {
  const { flaw, faults, count } = options;
  const name = flaw ?? "sound";
  const report = await runHistories({
    name,
    endpoint,
    account,
    random,
    faults,
    count,
    operationsEach: 8,
    actors: (connect) => {
      const clients = [connect({ maxAttempts: 1 }), connect({ maxAttempts: 2 })];
      return [...clients, ...clients, ...clients].map((client) => plainActor(client, flaw));
    },
    plan: guardedPlan(random, ["ALL_OLD", "ALL_NEW"]),
    ...(flaw === undefined ? {} : { untilFound: true }),
  });
  process.stdout.write(reportLine(name, report));
  return report;
}

test("sound updates are linearizable while connections are cut", async () => {
  const { wrong, outcomes, faults } = await byHand({ faults: cuts, count: 5 });
  expect(wrong).toEqual([]);
  expect(outcomes).toMatchObject({ done: expect.any(Number), unknown: expect.any(Number) });
  expect(Object.keys(faults)).toEqual(expect.arrayContaining(["pass", ...cuts.kinds]));
});

describe("the checker finds updates", () => {
  test("that do not guard their write, without any fault", async () => {
    const { wrong } = await byHand({ flaw: "unguarded", faults: { rate: 0, kinds: ["refuse"] }, count: 20 });
    expect(wrong).toHaveLength(1);
  });

  test("that repeat a write whose answer was lost", async () => {
    const { wrong } = await byHand({ flaw: "reapplies", faults: { rate: 0.2, kinds: ["lose", "tear"] }, count: 60 });
    expect(wrong).toHaveLength(1);
  });

  test("that forget a write that may come late", async () => {
    const { wrong } = await byHand({ flaw: "forgets", faults: { rate: 0.3, kinds: ["late"] }, count: 200 });
    expect(wrong).toHaveLength(1);
  });
});
