import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { checkEquivalence } from "../support/equivalence/check-equivalence.ts";
import { type EquivalenceServer, equivalenceServer } from "../support/equivalence/open-sides.ts";
import { type Mistake, mistakes, spoiltClient } from "../support/equivalence/spoilt-clients.ts";

/**
 * One seed for the run, printed, so that a failure can be run again: `EQUIVALENCE_SEED=… npm run test:servers`. With the
 * path that a failure prints, its smallest scenario runs alone.
 */
const seed = Number(process.env["EQUIVALENCE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const path = process.env["EQUIVALENCE_PATH"];
const operations = process.env["CI"] === undefined ? Number(process.env["EQUIVALENCE_OPERATIONS"] ?? 10_000) : 2_000;
vi.setConfig({ testTimeout: 1_200_000 });

let server: EquivalenceServer;

beforeAll(() => {
  server = equivalenceServer(inject("dynamoDbEndpoint"));
  process.stdout.write(`equivalence on DynamoDB Local, seed ${seed}\n`);
});
afterAll(() => server.stop());

describe("the comparison itself", () => {
  it("finds no difference between two plain tables", async () => {
    const statistics = await checkEquivalence({ seed, operations: 300, open: (model) => server.openPlain(model) });
    expect(statistics.operations).toBeGreaterThanOrEqual(300);
  });

  it.each(Object.entries(mistakes))("finds that %s", async (_, mistake) => {
    await expect(checkMistake(mistake, "first")).rejects.toThrow("The tables differ.");
  });

  it("shows the smallest scenario that it finds", async () => {
    const [mistake] = Object.values(mistakes);
    if (mistake === undefined) throw new Error("no mistake to find");
    const story = await checkMistake(mistake, "smallest").then(String, ({ message }: Error) => message);
    const requests = [...story.matchAll(/^\d+\. (\w+)/gm)].map(([, operation]) => operation);
    expect(requests.at(-1), story).toBe(mistake.operation);
    expect(requests.length, story).toBeLessThan(4);
  });

  async function checkMistake(mistake: Mistake, show: "first" | "smallest"): Promise<unknown> {
    const client = spoiltClient(server.config, mistake);
    try {
      return await checkEquivalence({ seed, operations: 2_000, show, open: (model) => server.openPlain(model, () => client) });
    } finally {
      client.destroy();
    }
  }
});

describe("an encrypted table", () => {
  it("answers and fails as a plain one does, and stores nothing in the clear", async () => {
    const statistics = await checkEquivalence({ seed, path, operations, open: (model) => server.openEncrypted(model) });
    process.stdout.write(`${statistics}\n`);
    if (path !== undefined) return;
    expect(statistics.operations).toBeGreaterThanOrEqual(operations);
    // The comparison is worth something only while all outcomes are common.
    expect(statistics.writes.succeeded / statistics.writes.ran).toBeGreaterThan(0.4);
    expect(statistics.reads.succeeded / statistics.reads.ran).toBeGreaterThan(0.8);
    expect(statistics.conditionsHeld).toBeGreaterThan(0.2);
    expect(statistics.conditionsHeld).toBeLessThan(0.8);
    expect(statistics.items).toBeGreaterThan(operations / 20);
  });
});
