import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/attributes/index.ts";
import {
  type Condition,
  type ExpressionParameters,
  isReservedWord,
  parseExpressions,
  printRead,
  pushNegations,
} from "../../src/expressions/index.ts";
import { prepareSearch } from "../../src/search/predicate/prepare-search.ts";
import { type BeaconRequest, beaconCases, keysOf, type RequestParameters, tableOfCase } from "../support/beacon-vectors.ts";
import { valueFromJson } from "../support/dynamodb-json.ts";

type Expected = string | (() => RequestParameters);

const filter = (FilterExpression: string, values: Record<string, string>): RequestParameters => ({
  FilterExpression,
  ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
});

/** Where Java refuses what can be done, loses rows, or leaks: by vector and expression, the code or request instead. */
const differences: Readonly<Record<string, Expected>> = {
  "standard, every type: aws_dbe_b_x = :v": "ERR_ATTRIBUTE_NOT_CONFIGURED",
  // Rows whose beacon collides would be lost.
  "standard, every type: NOT (x = :v) OR z = :w": "ERR_BEACON_CANNOT_ANSWER",
  // A beacon of the whole value knows nothing of its parts.
  "standard, every type: contains(x, :v)": "ERR_BEACON_CANNOT_ANSWER",
  // The two have different keys, so that equal values have different beacons.
  "standard, every type: x = y AND z = :v": "ERR_BEACON_CANNOT_ANSWER",
  "standard, every type: x = :v AND y = :v": () => filter("aws_dbe_b_x = :0 AND aws_dbe_b_y = :1", { ":0": "2004d6", ":1": "06" }),
  "standard, every type: x = :v AND z = :v": () => filter("aws_dbe_b_x = :0 AND z = :1", { ":0": "2004d6", ":1": "abc" }),
  // Java sends the value in plain.
  "standard, locations: m.a.b = :v": () => filter("aws_dbe_b_deep = :0", { ":0": "727375c9" }),
  "compound, default constructor: c > :v": "ERR_BEACON_QUERY_VALUE_INVALID",
  // Other tenants' rows with this value would be lost.
  "beacon key named by an attribute: tenant = :t OR x = :v": "ERR_BEACON_KEY_UNKNOWN",
  // What is not stored cannot be compared by the service.
  "beacon key named by an attribute that is not stored: x = :v AND tenant = :t": () => filter("aws_dbe_b_x = :0", { ":0": "08c7f0" }),
};

/** The codes for what Java refuses too. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/cannot be used with a (standard|compound) beacon/, "ERR_BEACON_CANNOT_ANSWER"],
  [/PartOnly beacon/, "ERR_BEACON_CANNOT_ANSWER"],
  [/To use BETWEEN/, "ERR_BEACON_CANNOT_ANSWER"],
  [/Function attribute_type/, "ERR_BEACON_CANNOT_ANSWER"],
  [/Function size/, "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE"],
  [/cannot be constructed|does not match the prefix/, "ERR_BEACON_QUERY_VALUE_INVALID"],
  [/Need KeyId/, "ERR_BEACON_KEY_UNKNOWN"],
];

// @see specification/dynamodb-encryption-client/ddb-support.md "QueryInputForBeacons", "QueryObject has encrypted values"
// @see specification/dynamodb-encryption-client/ddb-support.md "Filter Expressions for Query", "QueryOutputForBeacons"
// @see specification/searchable-encryption/beacons.md "getPart for a compound beacon", "Part Value Calculation"
describe("how the Java library rewrites requests", () => {
  for (const vector of beaconCases()) {
    const table = tableOfCase(vector);
    const rewrite = ({ params }: BeaconRequest): ExpressionParameters => {
      const parsed = parseExpressions(parametersOf(params));
      const search = prepareSearch({ plan: table, parsed, filterAfterDecrypt: false, beaconKeyAttribute: table.search.beaconKeyFrom });
      return printRead(search.rewrite(keysOf(vector, search.branchKeyId ?? "tenant-a")));
    };
    const name = ({ params }: BeaconRequest): string => params.KeyConditionExpression ?? params.FilterExpression ?? "";
    const requests = (vector.requests ?? []).map((request) => ({ ...request, title: `${vector.name}: ${name(request)}` }));
    it.each(requests)("$title", ({ title, ...request }) => {
      const { result, error } = request;
      const difference = differences[title];
      const code = typeof difference === "string" ? difference : codes.find(([message]) => message.test(error?.message ?? ""))?.[1];
      if (code !== undefined) expect(() => rewrite(request)).toThrow(expect.objectContaining({ code }));
      else if (isMangled(request)) expectHashedOnly(rewrite(request));
      else {
        const expected = typeof difference === "function" ? difference() : (result as RequestParameters);
        expect(treesOf(rewrite(request))).toEqual(treesOf(parametersOf(expected)));
      }
    });
  }

  it("every difference belongs to a vector", () => {
    const titles = beaconCases().flatMap(({ name, requests = [] }) =>
      requests.map(({ params }) => `${name}: ${params.KeyConditionExpression ?? params.FilterExpression}`),
    );
    expect(Object.keys(differences).filter((title) => !titles.includes(title))).toEqual([]);
  });
});

/** Java takes the beginning of a name for a keyword, and sends the value in plain. */
function isMangled({ result }: BeaconRequest): boolean {
  const sent = result?.KeyConditionExpression ?? result?.FilterExpression ?? "";
  return /^(IN|OR|AND|NOT|BETWEEN|size|contains|begins_with)( \w+)? =/.test(sent);
}

function expectHashedOnly(rewritten: ExpressionParameters): void {
  expect(Object.values(rewritten.ExpressionAttributeNames ?? {})).toEqual([expect.stringMatching(/^aws_dbe_b_/)]);
  expect(Object.values(rewritten.ExpressionAttributeValues ?? {})).toEqual([{ S: expect.stringMatching(/^[0-9a-f]{6}$/) }]);
}

function parametersOf({ ExpressionAttributeValues, ...rest }: RequestParameters): ExpressionParameters {
  const names: Record<string, string> = { ...rest.ExpressionAttributeNames };
  // Java takes reserved words as names, which the service refuses.
  const aliased = (text: string | undefined): string | undefined =>
    text?.replace(/(?<![:#\w])([A-Za-z_]\w*)(?= =|,|\)| ,)/g, (name) => {
      if (!isReservedWord(name) && !name.startsWith("_")) return name;
      names[`#${name}`] = name;
      return `#${name}`;
    });
  const expressions = {
    KeyConditionExpression: aliased(rest.KeyConditionExpression),
    FilterExpression: aliased(rest.FilterExpression),
    ProjectionExpression: rest.ProjectionExpression,
  };
  const values = Object.entries(ExpressionAttributeValues ?? {}).map(([name, value]): [string, AttributeValue] => [
    name,
    valueFromJson(value),
  ]);
  return {
    ...expressions,
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
  };
}

/** Conditions without spelling, negations at the leaves, sets in order. */
function treesOf(parameters: ExpressionParameters): unknown {
  const { keyCondition, filter } = parseExpressions(parameters);
  const normal = (tree: Condition | undefined): Condition | undefined => (tree === undefined ? undefined : pushNegations(tree));
  const trees = { keyCondition: normal(keyCondition), filter: normal(filter) };
  return JSON.parse(
    JSON.stringify(trees, (key, value) =>
      key === "SS" ? [...value].sort() : key === "spelling" || key === "placeholder" ? undefined : value,
    ),
  );
}
