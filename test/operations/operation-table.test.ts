import * as sdk from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { operationTable } from "../../src/operations/index.ts";

const commands = Object.keys(sdk)
  .filter((name) => /^[A-Z]\w+Command$/.test(name))
  .map((name) => name.replace(/Command$/, ""));

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "API modification", "Validate Before ExecuteStatement"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before BatchExecuteStatement"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before ExecuteTransaction"
test("every operation of the installed SDK is listed, and nothing else", () => {
  expect(commands.length).toBeGreaterThan(50);
  const byName = (a: string, b: string): number => (a < b ? -1 : 1);
  expect([...operationTable.keys()].sort(byName)).toEqual([...commands].sort(byName));
});

/** Members of the service's model by which items, keys or values of attributes travel. */
const carriesItems = new Set([
  "Item",
  "Items",
  "Key",
  "Keys",
  "RequestItems",
  "TransactItems",
  "Statement",
  "Statements",
  "TransactStatements",
]);

test("no operation that carries items passes", () => {
  // An operation of the model is [kind, namespace, name, traits, input, output]; a structure [kind, namespace, name, traits, members, …].
  type Shape = readonly [number, string, string, unknown, readonly string[]];
  const membersOf = (shape: unknown): readonly string[] => (typeof shape === "function" ? (shape() as Shape) : (shape as Shape))[4] ?? [];
  const model = sdk as unknown as Record<string, readonly unknown[]>;
  const carriers = commands.filter((operation) => {
    const [input, output] = (model[`${operation}$`] ?? []).slice(4);
    return [...membersOf(input), ...membersOf(output)].some((name) => carriesItems.has(name));
  });
  expect(carriers).toEqual(expect.arrayContaining(["PutItem", "Scan", "TransactGetItems", "ExecuteStatement", "BatchWriteItem"]));
  expect(carriers.filter((operation) => ["passed", "defining"].includes(operationTable.get(operation)?.kind ?? ""))).toEqual([]);
});
