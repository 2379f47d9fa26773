import { PutItemCommand, QueryCommand, type QueryCommandInput, type QueryCommandOutput, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { isDynasealError } from "../../../src/errors/index.ts";
import { indexDefinitions } from "../../../src/search/index.ts";
import { type Item, randomSearch } from "../../support/search/random-search.ts";
import { createTable, plainClient, searchingClient } from "../../support/search/searchable-tables.ts";
import { usedIn } from "../../support/search-arbitraries.ts";
import { draws, seedOf } from "../../support/updates/random.ts";

const seed = seedOf("SEARCH_SEED");
const inCi = process.env["CI"] !== undefined;
const [schemas, requests, rows] = inCi ? [1, 60, 40] : [3, 120, 60];

const server = { endpoint: inject("dynamoDbEndpoint"), accessKeyId: "randomsearch" };
const plain = plainClient(server);
beforeAll(() => {
  process.stdout.write(`random searches, SEARCH_SEED=${seed} repeats them\n`);
});
afterAll(() => plain.destroy());

const table = { key: { AttributeName: "pk", AttributeType: "S" as const }, sortKey: { AttributeName: "sk", AttributeType: "N" as const } };

interface Request {
  readonly kind: "query" | "scan";
  readonly parameters: Omit<QueryCommandInput, "TableName">;
  /** All of it as one filter on the plain table. */
  readonly plainFilter: string | undefined;
  /** The attribute that answers are ordered by. */
  readonly orderedBy: "sk" | "rank" | undefined;
}

const settings = [
  { length: 1, partitions: 1 },
  { length: 32, partitions: 1 },
  { length: 1, partitions: 3 },
  { length: 32, partitions: 5 },
].flatMap((setting) => Array.from({ length: schemas }, (_, number) => ({ ...setting, number })));

describe.each(settings)("beacons of $length bits in $partitions partitions, schema $number", ({ length, partitions, number }) => {
  const TableName = `random-${length}-${partitions}-${number}`;
  const plainName = `${TableName}-plain`;

  it("answers as the plain table, on the table and on indexes, both ways, page by page", { timeout: 300_000 }, async () => {
    const random = draws(seed + length * 1009 + partitions * 31 + number);
    const search = randomSearch(random, { length, partitions });
    const client = searchingClient(server, { schema: search.schema, TableName, options: { filterAfterDecrypt: true } });
    const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitions(search.schema);
    const ordered = GlobalSecondaryIndexes.map(({ IndexName, KeySchema = [], Projection }) => ({
      IndexName: `${IndexName}-ordered`,
      KeySchema: [...KeySchema, { AttributeName: "rank", KeyType: "RANGE" as const }],
      Projection,
    }));
    await createTable(plain, {
      TableName,
      ...table,
      AttributeDefinitions: [...AttributeDefinitions, { AttributeName: "rank", AttributeType: "N" }],
      GlobalSecondaryIndexes: [...GlobalSecondaryIndexes, ...ordered],
    });
    await createTable(plain, { TableName: plainName, ...table });
    const items = Array.from({ length: rows }, (_, row) => search.item(row));
    for (const item of items) {
      await client.send(new PutItemCommand({ TableName, Item: item }));
      await plain.send(new PutItemCommand({ TableName: plainName, Item: search.plainItem(item) }));
    }
    const given = new Map(items.map((item) => [item["sk"]?.N, item]));

    const tally = { answered: 0, found: 0, pages: 0, refused: 0 };
    for (let count = 0; count < requests; count++) {
      const values = search.values();
      const request = randomRequest();
      const story = JSON.stringify({ request, values });
      const answer = await answerOf(request, values);
      if (answer === undefined) {
        tally.refused++;
        continue;
      }
      const expected = await plainAnswer(request, values);
      if (request.orderedBy === undefined) expect(answer.map(({ sk }) => Number(sk?.N)).sort(byNumber), story).toEqual(expected);
      else {
        const byOrder = expected.toSorted((a, b) => (rankOf(a) - rankOf(b)) * (request.parameters.ScanIndexForward === false ? -1 : 1));
        expect(
          answer.map(({ sk }) => Number(sk?.N)),
          story,
        ).toEqual(byOrder);
      }
      for (const item of answer) expect(item, story).toEqual(given.get(item["sk"]?.N));
      tally.answered++;
      tally.found += answer.length;

      function rankOf(sk: number): number {
        return Number(given.get(String(sk))?.[request.orderedBy ?? "sk"]?.N);
      }
    }
    client.destroy();
    // What proves something: most requests are answered, many with items, on several pages.
    expect(tally.answered).toBeGreaterThan(requests / 2);
    expect(tally.found).toBeGreaterThan(requests);
    expect(tally.pages).toBeGreaterThan(tally.answered * 1.2);

    function randomRequest(): Request {
      const filter = random.below(3) > 0 ? search.condition() : undefined;
      const page = random.below(2) === 0 ? { Limit: 1 + random.below(9) } : {};
      const direction = random.below(2) === 0 ? { ScanIndexForward: false } : {};
      const and = (...terms: readonly (string | undefined)[]): string | undefined => {
        const present = terms.filter((term) => term !== undefined);
        return present.length < 2 ? present[0] : present.map((term) => `(${term})`).join(" AND ");
      };
      const name = random.pick(search.searchable);
      const index = `${name === "low" ? "low_normalized" : name}-index`;
      const key = search.keyCondition(name);
      const present = name === "low" ? "#lowered" : name === "deep" ? "#m.#k" : `#${name}`;
      const filtered = filter && { FilterExpression: filter.asked };
      switch (random.below(6)) {
        case 0:
          return { kind: "scan", parameters: { ...page, ...filtered }, plainFilter: and(filter?.plain), orderedBy: undefined };
        case 1:
          return {
            kind: "scan",
            parameters: { ...page, ...filtered, IndexName: index },
            plainFilter: and(`attribute_exists(${present})`, filter?.plain),
            orderedBy: undefined,
          };
        case 2: {
          const condition = random.pick(["#pk = :p", "#pk = :p AND #sk >= :low", "#pk = :p AND #sk < :low"]);
          const parameters = { ...page, ...direction, ...filtered, KeyConditionExpression: condition };
          return { kind: "query", parameters, plainFilter: and(condition, filter?.plain), orderedBy: "sk" };
        }
        case 3: {
          const parameters = { ...page, ...direction, ...filtered, KeyConditionExpression: key.asked, IndexName: index };
          return { kind: "query", parameters, plainFilter: and(key.plain, filter?.plain), orderedBy: undefined };
        }
        default: {
          const range = random.pick(["", " AND #rank > :low"]);
          const KeyConditionExpression = `${key.asked}${range}`;
          const parameters = { ...page, ...direction, ...filtered, KeyConditionExpression, IndexName: `${index}-ordered` };
          return { kind: "query", parameters, plainFilter: and(`${key.plain}${range}`, filter?.plain), orderedBy: "rank" };
        }
      }
    }

    /** All pages of the encrypted table; `undefined` where the request is refused. */
    async function answerOf({ kind, parameters }: Request, values: Item): Promise<readonly Item[] | undefined> {
      const text = `${parameters.KeyConditionExpression ?? ""} ${parameters.FilterExpression ?? ""}`;
      const input = {
        TableName,
        ...parameters,
        ExpressionAttributeNames: usedIn(text, search.names),
        ExpressionAttributeValues: usedIn(text, values),
      };
      const found: Item[] = [];
      let ExclusiveStartKey: Item | undefined;
      try {
        do {
          const command =
            kind === "query" ? new QueryCommand({ ...input, ExclusiveStartKey }) : new ScanCommand({ ...input, ExclusiveStartKey });
          const page: QueryCommandOutput = await client.send(command as QueryCommand);
          expect(page.Count).toBe(page.Items?.length);
          expect(page.Items?.length).toBeLessThanOrEqual(parameters.Limit ?? Number.POSITIVE_INFINITY);
          found.push(...(page.Items ?? []));
          ExclusiveStartKey = page.LastEvaluatedKey;
          tally.pages++;
        } while (ExclusiveStartKey !== undefined);
      } catch (error) {
        if (isDynasealError(error, "ERR_BEACON_QUERY_VALUE_INVALID")) return undefined;
        // As on a plain table, a filter may not speak of the key of the index.
        if (/^Filter Expression can only contain non-primary key attributes/.test((error as Error).message)) return undefined;
        throw error;
      }
      return found;
    }

    /** The sort keys of the items that the plain table answers with, smallest first. */
    async function plainAnswer({ plainFilter }: Request, values: Item): Promise<readonly number[]> {
      const { Items = [] } = await plain.send(
        new ScanCommand({
          TableName: plainName,
          FilterExpression: plainFilter,
          ExpressionAttributeNames: usedIn(plainFilter ?? "", search.names),
          ExpressionAttributeValues: usedIn(plainFilter ?? "", values),
        }),
      );
      return Items.map(({ sk }) => Number(sk?.N)).sort(byNumber);
    }
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
