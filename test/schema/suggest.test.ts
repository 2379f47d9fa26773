import { expect, it } from "vitest";
import { suggest } from "../../src/schema/index.ts";

const actions = ["ENCRYPT_AND_SIGN", "SIGN_ONLY", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "DO_NOTHING"];
const properties = ["tableName", "partitionKey", "sortKey", "attributes", "unsignedAttributes", "unsignedAttributePrefix"];

it.each([
  ["ENCRYPT", actions, "ENCRYPT_AND_SIGN"],
  ["encryptAndSign", actions, "ENCRYPT_AND_SIGN"],
  ["ENCRYPT_AND_SING", actions, "ENCRYPT_AND_SIGN"],
  ["SIGN", actions, "SIGN_ONLY"],
  ["SIGN_AND_INCLUDE", actions, "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"],
  ["NOTHING", actions, "DO_NOTHING"],
  ["partitonKey", properties, "partitionKey"],
  ["logicalTableName", properties, "tableName"],
  ["partitionKeyName", properties, "partitionKey"],
  ["allowedUnsignedAttributes", properties, "unsignedAttributes"],
  ["sortkey", properties, "sortKey"],
  ["yes", actions, undefined],
  ["", properties, undefined],
  ["x".repeat(1_000_000), properties, undefined],
])("%s", (written, candidates, meant) => {
  expect(suggest(written, candidates)).toBe(meant);
});
