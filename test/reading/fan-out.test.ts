import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AttributeMap, attributeMap } from "../../src/attributes/index.ts";
import { fanOut, type SortOrder } from "../../src/reading/fan-out.ts";
import { fanOutSuite } from "../support/reads/fan-out-suite.ts";
import { inProcess } from "../support/reads/read-server.ts";

fanOutSuite(inProcess);

describe("merging", () => {
  /** A partition's rows in order, read in pages of at most `size` rows, some of which a filter takes out. */
  const asking =
    (partitions: readonly (readonly number[])[], size: number, forward: boolean) =>
    async (partition: number, start: AttributeMap | undefined) => {
      const rows = (partitions[partition] ?? [])
        .map((sort, place) =>
          attributeMap([
            ["id", { S: `${partition}-${place}` }],
            ["sort", { N: String(sort) }],
            ["place", { N: String(place) }],
          ]),
        )
        .sort(
          (a, b) => (forward ? 1 : -1) * (Number(a["sort"]?.N) - Number(b["sort"]?.N) || Number(a["place"]?.N) - Number(b["place"]?.N)),
        );
      const from = start === undefined ? 0 : rows.findIndex(({ id }) => id?.S === start["id"]?.S) + 1;
      const page = rows.slice(from, from + size);
      const last = from + size < rows.length ? page.at(-1) : undefined;
      const kept = page.filter(({ place }) => Number(place?.N) % 4 !== 0);
      return { $metadata: {}, Items: kept, ScannedCount: page.length, ...(last && { LastEvaluatedKey: last }) };
    };

  test.each<[string, SortOrder | undefined]>([
    ["in order", { by: ["sort"], position: ["id", "sort"] }],
    ["without an order", undefined],
  ])("%s loses no row and gives none twice, whatever the pages", async (_name, order) => {
    const partitions = fc.array(fc.array(fc.nat(6), { maxLength: 12 }), { minLength: 1, maxLength: 5 });
    const limits = fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(partitions, limits, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (numbers, limit, size, forward) => {
        const ask = asking(numbers, Math.min(size, limit ?? size), forward);
        let places: Parameters<typeof fanOut>[0]["places"] = numbers.map(() => "start" as const);
        const found: AttributeMap[] = [];
        for (let pages = 0; places.some((place) => place !== "finished"); pages++) {
          const page = await fanOut({ places, ask, order, forward, limit });
          expect(page.rows.length).toBeLessThanOrEqual(limit ?? 100);
          found.push(...page.rows);
          places = page.places;
          expect(pages).toBeLessThan(100);
        }
        const right = numbers.flatMap((sorts, partition) =>
          sorts.map((_, place) => `${partition}-${place}`).filter((_, place) => place % 4 !== 0),
        );
        expect(found.map(({ id }) => id?.S).sort()).toEqual(right.sort());
        if (order === undefined) return;
        const sorts = found.map(({ sort }) => Number(sort?.N));
        expect(sorts).toEqual([...sorts].sort((a, b) => (forward ? a - b : b - a)));
      }),
    );
  });

  test("sends no more queries once one has failed", async () => {
    let sent = 0;
    const ask = async (query: number): Promise<never> => {
      sent++;
      await Promise.resolve();
      throw new Error(`query ${query}`);
    };
    const places = Array.from({ length: 255 }, () => "start" as const);
    await expect(fanOut({ places, ask, order: undefined, forward: true, limit: undefined })).rejects.toThrow("query 0");
    expect(sent).toBeLessThanOrEqual(16);
  });
});
