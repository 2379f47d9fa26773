import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { type KeyCondition, type KeySchema, parseExpressions, readKeyCondition } from "../../src/expressions/index.ts";

const values: Readonly<Record<string, AttributeValue>> = { ":p": { S: "1" }, ":q": { S: "2" }, ":n": { N: "1" }, ":m": { N: "2" } };
const table: KeySchema = { partition: ["pk"], sort: ["sk"] };
const wide: KeySchema = { partition: ["p1", "p2"], sort: ["s1", "s2", "s3"] };

function read(text: string, keys: KeySchema): KeyCondition {
  const used = Object.fromEntries(Object.entries(values).filter(([key]) => text.includes(key)));
  const { keyCondition } = parseExpressions({ KeyConditionExpression: text, ExpressionAttributeValues: used });
  if (keyCondition === undefined) throw new Error("no key condition");
  return readKeyCondition(keyCondition, keys);
}

describe("key conditions", () => {
  it.each([
    ["pk = :p", []],
    [":p = pk", []],
    ["(pk = :p) AND (sk > :n)", [["sk", ">", [":n"]]]],
    ["pk = :p AND :n < sk", [["sk", ">", [":n"]]]],
    ["sk <= :n and pk = :p", [["sk", "<=", [":n"]]]],
    ["pk = :p AND sk BETWEEN :n AND :m", [["sk", "BETWEEN", [":n", ":m"]]]],
    ["pk = :p AND begins_with(sk, :q)", [["sk", "begins_with", [":q"]]]],
  ])("%s", (text, sort) => {
    const { partition, sort: terms } = read(text, table);
    expect({ ...partition }).toEqual({ pk: { S: "1" } });
    expect(terms.map((term) => [term.attribute, term.operator, term.values.map(({ placeholder }) => placeholder)])).toEqual(sort);
  });

  it.each([
    ["p1 = :p AND p2 = :q", 0],
    ["s1 = :n AND p1 = :p AND p2 = :q", 1],
    ["p1 = :p AND p2 = :q AND s1 = :n AND s2 < :m", 2],
    ["p1 = :p AND (p2 = :q AND (s1 = :n AND s2 = :m)) AND begins_with(s3, :q)", 3],
  ])("of an index with several key attributes: %s", (text, sortTerms) => {
    const { partition, sort } = read(text, wide);
    expect({ ...partition }).toEqual({ p1: { S: "1" }, p2: { S: "2" } });
    expect(sort).toHaveLength(sortTerms);
  });

  it.each([
    ["pk > :p", table, "Query key condition not supported"],
    ["begins_with(pk, :p)", table, "Query key condition not supported"],
    ["pk = :p OR sk = :n", table, "Invalid operator used in KeyConditionExpression: OR"],
    ["NOT pk = :p", table, "Invalid operator used in KeyConditionExpression: NOT"],
    ["pk <> :p", table, "Invalid operator used in KeyConditionExpression: <>"],
    ["pk = :p AND sk IN (:n)", table, "Invalid operator used in KeyConditionExpression: IN"],
    ["pk = :p AND attribute_exists(sk)", table, "Invalid operator used in KeyConditionExpression: attribute_exists"],
    ["contains(pk, :p)", table, "Invalid operator used in KeyConditionExpression: contains"],
    ["pk = :p AND sk > :n AND sk < :m", table, "KeyConditionExpressions must only contain one condition per key"],
    ["sk = :n", table, "Query condition missed key schema element: pk"],
    ["pk = :p AND another = :n", table, "Query condition missed key schema element: sk"],
    ["pk.a = :p", table, "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk"],
    ["pk = :p AND size(sk) = :n", table, "KeyConditionExpressions cannot contain nested operations"],
    ["pk = sk AND sk = :n", table, "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"],
    [":p = :q", table, "Invalid condition in KeyConditionExpression: No key attribute specified"],
    [
      "pk = :p AND :n BETWEEN sk AND :m",
      table,
      "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand",
    ],
    ["p1 = :p", wide, "Query condition missed key schema element: p2"],
    ["p1 = :p AND p2 = :q AND s2 = :n", wide, "Query condition missed key schema element: s1"],
    ["p1 = :p AND p2 = :q AND s1 < :n AND s2 = :m", wide, "Query key condition not supported"],
    ["p1 = :p AND p2 = :q AND s1 = :n AND s2 = :n AND s3 = :n AND s4 = :n", wide, "Query key condition not supported"],
  ])("refused: %s", (text, keys, reason) => {
    expect(() => read(text, keys)).toThrow(expect.objectContaining({ code: "ERR_EXPRESSION_INVALID", details: { reason } }));
  });
});
