import { describe, expect, it } from "vitest";
import { parseExpressions } from "../../src/expressions/index.ts";
import { keyTextOf, partitionQueries } from "../../src/reading/partition-queries.ts";

const conditionsOf = (hash: string, filter?: string, value = "x") => {
  const { keyCondition, filter: tree } = parseExpressions({
    KeyConditionExpression: "#0 = :0",
    FilterExpression: filter,
    ExpressionAttributeNames: { "#0": "aws_dbe_b_city", ...(filter && { "#1": "aws_dbe_b_email" }) },
    ExpressionAttributeValues: { ":0": { S: hash }, ...(filter && { ":1": { S: value } }) },
  });
  return { keyCondition, filter: tree, asWritten: false };
};

describe("queries for partitions", () => {
  it("are one each where the hashes differ", () => {
    const byPartition = ["0", "1", "2"].map((hash) => conditionsOf(hash, "#1 = :1"));
    expect(partitionQueries(byPartition)).toEqual(byPartition);
  });

  it("are one for those of the same hash, with a filter that holds for any of them", () => {
    const [query, other, ...more] = partitionQueries([
      conditionsOf("0", "#1 = :1", "a"),
      conditionsOf("1", "#1 = :1", "b"),
      conditionsOf("0", "#1 = :1", "c"),
      conditionsOf("0", "#1 = :1", "a"),
    ]);
    expect(more).toEqual([]);
    expect(other).toEqual(conditionsOf("1", "#1 = :1", "b"));
    expect(query?.keyCondition).toEqual(conditionsOf("0").keyCondition);
    const terms = ["a", "c"].map((value) => conditionsOf("0", "#1 = :1", value).filter);
    expect(query?.filter).toEqual({ kind: "or", terms });
  });

  it("filter nothing where one of them asks for everything", () => {
    expect(partitionQueries([conditionsOf("0", "#1 = :1"), conditionsOf("0")])).toEqual([conditionsOf("0")]);
  });

  it("are told apart by their key condition alone", () => {
    const query = {
      TableName: "t",
      KeyConditionExpression: "#0 = :0",
      FilterExpression: "#1 = :1",
      ExpressionAttributeNames: { "#0": "city", "#1": "email" },
      ExpressionAttributeValues: { ":0": { B: new Uint8Array([1]) }, ":1": { S: "x" } },
    };
    expect(keyTextOf(query)).toBe('["#0 = :0",{"#0":"city"},{":0":{"B":"AQ=="}}]');
  });
});
