import { expect, test } from "vitest";
import { tableOf } from "../../src/tables/index.ts";

const arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/customers";

test.each([
  ["customers", "customers"],
  ["a.b-c_9", "a.b-c_9"],
  [arn, "customers"],
  ["arn:aws-cn:dynamodb:cn-north-1:111122223333:table/customers", "customers"],
])("%s is table %s", (tableName, expected) => {
  expect(tableOf(tableName)).toBe(expected);
});

test.each([
  `${arn}/index/byTier`,
  `${arn}/stream/2026-01-01T00:00:00.000`,
  `${arn}/backup/1`,
  "arn:aws:kinesis:eu-west-1:111122223333:stream/customers",
  "table/customers",
  " customers",
  "customers\n",
  "ab",
  "",
  "x".repeat(256),
])("%j names no table", (tableName) => {
  expect(tableOf(tableName)).toBeUndefined();
});
