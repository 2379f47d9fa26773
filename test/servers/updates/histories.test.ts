import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, inject, test } from "vitest";
import { clientActor, type ItemActor } from "../../support/updates/item-actors.ts";
import { itemModel, type Returns } from "../../support/updates/item-model.ts";
import { clientConfig, createItemsTable, encryptedItems } from "../../support/updates/items-table.ts";
import { draws, seedOf } from "../../support/updates/random.ts";
import { anyPlan, guardedPlan } from "../../support/updates/record-history.ts";
import { type HistoriesOptions, type HistoriesReport, reportLine, runHistories } from "../../support/updates/run-histories.ts";

const account = "histories";
const endpoint = inject("dynamoDbEndpoint");
const seed = seedOf("HISTORIES_SEED");
const random = draws(seed);
/** Histories of each kind. */
const count = Number(process.env["HISTORIES"] ?? (process.env["CI"] === undefined ? 6 : 4));
const longEnough = 30_000 + 5_000 * count;

const returns: readonly [Returns, ...Returns[]] = ["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"];
const timeout: Partial<DynamoDBClientConfig> = { requestHandler: { requestTimeout: 400, throwOnRequestTimeout: true } };

beforeAll(async () => {
  process.stdout.write(`histories of guarded updates, HISTORIES_SEED=${seed}\n`);
  const client = new DynamoDBClient(clientConfig(endpoint, account));
  await createItemsTable(client);
  client.destroy();
});

async function run(options: Pick<HistoriesOptions, "name" | "faults" | "actors" | "plan" | "model">): Promise<HistoriesReport> {
  const report = await runHistories({ endpoint, account, random, count, operationsEach: 8, ...options });
  process.stdout.write(reportLine(options.name, report));
  return report;
}

test(
  "guarded updates are linearizable while connections are cut and answers time out",
  async () => {
    const { wrong, outcomes, faults } = await run({
      name: "cut",
      faults: { rate: 0.15, kinds: ["refuse", "lose", "lose", "tear", "tear", "late", "late", "hold"] },
      actors: (connect) => {
        const clients = [1, 2, 3].map((maxAttempts) => {
          // A client that gives up at once leaves writes behind that may still come.
          const options = maxAttempts === 1 ? { maxUpdateAttempts: 1 } : {};
          return clientActor(encryptedItems(connect({ maxAttempts, ...timeout }), options));
        });
        return [...clients, ...clients];
      },
      plan: guardedPlan(random, returns),
    });
    expect(wrong).toEqual([]);
    expect(outcomes["done"]).toBeGreaterThan(0);
    expect(Object.keys(faults)).toEqual(expect.arrayContaining(["pass", "refuse", "lose", "tear"]));
  },
  longEnough,
);

test(
  "native updates of an unsigned number beside them are part of the same order",
  async () => {
    const plan = guardedPlan(random, returns);
    const { wrong } = await run({
      name: "native",
      faults: { rate: 0.12, kinds: ["refuse", "lose", "tear", "late"] },
      actors: (connect) => {
        const guarded = [1, 2].map((maxAttempts) => clientActor(encryptedItems(connect({ maxAttempts, ...timeout }))));
        // DynamoDB itself adds twice where the SDK sends an addition twice.
        return [...guarded, ...guarded, clientActor(encryptedItems(connect({ maxAttempts: 1, ...timeout })))];
      },
      plan: (hints) => (hints.worker < 4 ? plan(hints) : { kind: "update", change: { open: 10 }, returns: random.pick(returns) }),
    });
    expect(wrong).toEqual([]);
  },
  longEnough,
);

test(
  "all operations are linearizable, deletes and new beginnings among them",
  async () => {
    const actors = (connect: () => DynamoDBClient): readonly ItemActor[] => {
      const clients = [0, 1, 2].map(() => clientActor(encryptedItems(connect())));
      return [...clients, ...clients];
    };
    const { wrong, outcomes } = await run({
      name: "all",
      faults: { rate: 0, kinds: ["refuse"] },
      actors,
      plan: anyPlan(random, returns),
      model: itemModel(),
    });
    expect(wrong).toEqual([]);
    expect(outcomes).not.toHaveProperty("unknown");
  },
  longEnough,
);
