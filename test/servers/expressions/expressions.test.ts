import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ExpressionKind, parseExpressions, readKeyCondition } from "../../../src/expressions/index.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamodb-local.ts";
import {
  anyExpression,
  brokenExpression,
  type ExpressionCase,
  keyConditionCase,
  parametersOf,
  pooledItem,
  shapedItem,
} from "../../support/expression-arbitraries.ts";
import { refusals } from "../../support/expression-refusals.ts";
import { conditions, projections, tableCase, tableItem, updates } from "../../support/expression-table.ts";
import { agrees, arithmeticCase, type Comparison, compareAll, connect, createTable, keyTable } from "./comparison.ts";

/** One seed for the run, printed, so that a failure can be run again: `EXPRESSIONS_SEED=… npm run test:servers`. */
const seed = Number(process.env.EXPRESSIONS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const batchSize = 25;
vi.setConfig({ testTimeout: 120_000 });

let server: DynamoDbLocal;
let client: DynamoDBClient;

beforeAll(async () => {
  server = await startDynamoDbLocal();
  client = connect(server.endpoint);
  await createTable(client);
  process.stdout.write(`expressions against DynamoDB Local, seed ${seed}\n`);
});

afterAll(async () => {
  client?.destroy();
  await server?.stop();
});

/** Compares `count` random cases, 25 at a time, and shrinks to the cases on which the two sides differ. */
async function compareRandom(
  kind: ExpressionKind,
  expression: fc.Arbitrary<ExpressionCase>,
  count: number,
): Promise<readonly Comparison[]> {
  const all: Comparison[] = [];
  const item = fc.oneof({ arbitrary: pooledItem(), weight: 1 }, { arbitrary: shapedItem(), weight: 3 });
  const batch = fc.array(fc.record({ expression, item }), { minLength: 1, maxLength: batchSize, size: "max" });
  await fc.assert(
    fc.asyncProperty(batch, async (cases) => {
      const compared = await compareAll(client, kind, cases);
      all.push(...compared);
      expect(compared.filter((comparison) => !agrees(comparison))).toEqual([]);
    }),
    { seed, numRuns: Math.ceil((2 * count) / batchSize), endOnFailure: false },
  );
  return all;
}

const share = (all: readonly Comparison[], of: (comparison: Comparison) => boolean): number => all.filter(of).length / all.length;
const isRefused = ({ ours }: Comparison): boolean => ours.kind === "refused";

describe("random expressions and items give what DynamoDB Local gives", () => {
  it.each(["ConditionExpression", "FilterExpression"] as const)("%s", async (kind) => {
    const all = await compareRandom(kind, anyExpression(kind), 1_500);
    expect(all.length).toBeGreaterThan(1_000);
    // The comparison is worth something only while all outcomes are common.
    expect(share(all, isRefused)).toBeLessThan(0.5);
    expect(share(all, ({ ours }) => ours.kind === "truth" && ours.holds)).toBeGreaterThan(0.05);
    expect(share(all, ({ ours }) => ours.kind === "truth" && !ours.holds)).toBeGreaterThan(0.05);
  });

  it("ProjectionExpression", async () => {
    const all = await compareRandom("ProjectionExpression", anyExpression("ProjectionExpression"), 1_000);
    expect(share(all, isRefused)).toBeLessThan(0.5);
  });

  it("UpdateExpression", async () => {
    const all = await compareRandom("UpdateExpression", anyExpression("UpdateExpression"), 2_000);
    expect(share(all, isRefused)).toBeLessThan(0.9);
  });

  it.each(["ConditionExpression", "FilterExpression", "ProjectionExpression", "UpdateExpression"] as const)(
    "%s with broken syntax or placeholders",
    async (kind) => {
      const all = await compareRandom(kind, brokenExpression(kind), 600);
      expect(share(all, isRefused)).toBeGreaterThan(0.3);
    },
  );

  it("arithmetic on random numbers", async () => {
    const all = await compareRandom("UpdateExpression", arithmeticCase(), 500);
    // Runs differ by 0.05: a share of a run has a margin that it leaves less than once in a million runs.
    expect(share(all, isRefused)).toBeLessThan(0.8);
  });
});

describe("key conditions", () => {
  it("are accepted and refused as DynamoDB Local does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(keyConditionCase(), { minLength: 1, maxLength: batchSize, size: "max" }), async (cases) => {
        const differing = await Promise.all(
          cases.map(async (expression) => ((await keyAccepted(expression)) === oursAccepted(expression) ? [] : [expression.text])),
        );
        expect(differing.flat()).toEqual([]);
      }),
      { seed, numRuns: 30 },
    );
  });

  async function keyAccepted(expression: ExpressionCase): Promise<boolean> {
    try {
      await client.send(new QueryCommand({ TableName: keyTable, ...parametersOf("KeyConditionExpression", expression) }));
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ValidationException") return false;
      throw error;
    }
  }

  function oursAccepted(expression: ExpressionCase): boolean {
    try {
      const { keyCondition } = parseExpressions(parametersOf("KeyConditionExpression", expression));
      if (keyCondition === undefined) return false;
      readKeyCondition(keyCondition, { partition: ["pk"], sort: ["sk"] });
      return true;
    } catch {
      return false;
    }
  }
});

describe("the hand-written table says what DynamoDB Local says", () => {
  const rows: readonly (readonly [ExpressionKind, string])[] = [
    ...conditions.map(([text]) => ["ConditionExpression", text] as const),
    ...projections.map(([text]) => ["ProjectionExpression", text] as const),
    ...updates.map(([text]) => ["UpdateExpression", text] as const),
    ...Object.entries(refusals).flatMap(([kind, of]) => of.map(([text]) => [kind as ExpressionKind, text] as const)),
  ];

  /** The wording of AWS, where DynamoDB Local has another. */
  const ownWording: ReadonlySet<string> = new Set(["SET q = :long + :m"]);
  /** What the service quotes of the request, we name by its sort and its place. */
  const withoutQuotes = (reason: string): string =>
    reason.replace(
      /(Syntax error|is not defined|Invalid function name|allowable range|BETWEEN operator requires [^;]*|type name found);.*/,
      "$1",
    );

  it.each(rows)("%s: %s", async (kind, text) => {
    const [comparison] = await compareAll(client, kind, [{ expression: tableCase(text), item: tableItem }]);
    if (comparison === undefined) throw new Error("nothing was compared");
    const { ours, service } = comparison;
    expect(agrees(comparison), JSON.stringify({ ours, service })).toBe(true);
    if (ours.kind === "refused" && service.kind === "refused" && !ownWording.has(text))
      expect(withoutQuotes(ours.reason)).toBe(withoutQuotes(service.reason));
  });
});
