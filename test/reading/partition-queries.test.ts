import { describe, expect, it } from "vitest";
import { parseExpressions } from "../../src/expressions/index.ts";
import { partitionQueries } from "../../src/reading/partition-queries.ts";

const inputOf = (hash: string, filter?: string, value = "x") => ({
  TableName: "t",
  KeyConditionExpression: "#0 = :0",
  FilterExpression: filter,
  ExpressionAttributeNames: { "#0": "aws_dbe_b_city", ...(filter && { "#1": "aws_dbe_b_email" }) },
  ExpressionAttributeValues: { ":0": { S: hash }, ...(filter && { ":1": { S: value } }) },
});

describe("queries for partitions", () => {
  it("are one each where the hashes differ", () => {
    const inputs = ["0", "1", "2"].map((hash) => inputOf(hash, "#1 = :1"));
    expect(partitionQueries(inputs).map(({ input }) => input)).toEqual(inputs);
  });

  it("are one for those of the same hash, with a filter that holds for any of them", () => {
    const [query, other, ...more] = partitionQueries([
      inputOf("0", "#1 = :1", "a"),
      inputOf("1", "#1 = :1", "b"),
      inputOf("0", "#1 = :1", "c"),
      inputOf("0", "#1 = :1", "a"),
    ]);
    expect(more).toEqual([]);
    expect(other?.input).toEqual(inputOf("1", "#1 = :1", "b"));
    expect(query?.input).toMatchObject({
      KeyConditionExpression: "#0 = :0",
      FilterExpression: "#1 = :1 OR #1 = :2",
      ExpressionAttributeValues: { ":0": { S: "0" }, ":1": { S: "a" }, ":2": { S: "c" } },
    });
  });

  it("filter nothing where one of them asks for everything, or where together they are too long for the service", () => {
    const [all] = partitionQueries([inputOf("0", "#1 = :1"), inputOf("0")]);
    expect(all?.input).toEqual({ ...inputOf("0"), FilterExpression: undefined });
    const long = (value: string) => inputOf("0", Array.from({ length: 100 }, () => "#1 = :1").join(" OR "), value);
    expect(parseExpressions(long("a")).filter?.kind).toBe("or");
    const [short] = partitionQueries([long("a"), long("b")]);
    expect(short?.input).toEqual({ ...inputOf("0"), FilterExpression: undefined });
  });
});
