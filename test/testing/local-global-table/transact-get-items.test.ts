import { afterAll, beforeAll, expect, test } from "vitest";
import { east, type Fixture, startFixture } from "./customers.ts";

const TableName = "customers";
const get = (id: string, more: { ProjectionExpression?: string } = {}): { Get: { TableName: string; Key: Record<string, unknown> } } => ({
  Get: { TableName, Key: { id, sort: 1 }, ...more },
});
let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
  for (const id of ["a", "b"]) await fixture.document[east].put({ TableName, Item: { id, sort: 1, balance: 100, pad: "x".repeat(5000) } });
});
afterAll(() => fixture.stop());

test("answers in the order of the request, with nothing for what is not there", async () => {
  const { Responses, ConsumedCapacity } = await fixture.document[east].transactGet({
    TransactItems: [get("b", { ProjectionExpression: "balance, id" }), get("nobody"), get("a")],
    ReturnConsumedCapacity: "INDEXES",
  });
  expect(Responses).toEqual([{ Item: { id: "b", balance: 100 } }, {}, { Item: expect.objectContaining({ id: "a" }) }]);
  // Twice what a consistent read costs: 2 + 1 + 2 blocks of 4 KB.
  const units = { CapacityUnits: 10, ReadCapacityUnits: 10 };
  expect(ConsumedCapacity).toEqual([{ TableName, ...units, Table: units }]);
});

test("refuses the same item twice, no entry, 101 entries, an entry without Get", async () => {
  const send = (TransactItems: unknown[]): Promise<unknown> =>
    fixture.document[east].transactGet({ TransactItems: TransactItems as never });
  await expect(send([get("a"), get("a")])).rejects.toMatchObject({
    name: "ValidationException",
    message: "Transaction request cannot include multiple operations on one item",
  });
  await expect(send([])).rejects.toMatchObject({ name: "ValidationException" });
  await expect(send(Array.from({ length: 101 }, (_, index) => get(`n${index}`)))).rejects.toMatchObject({ name: "ValidationException" });
  await expect(send([get("a"), {}])).rejects.toMatchObject({ name: "ValidationException" });
});

test("a key that does not fit cancels with its reason in its place", async () => {
  const wrong = { Get: { TableName, Key: { id: "a" } } };
  await expect(fixture.document[east].transactGet({ TransactItems: [get("a"), wrong] })).rejects.toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [{ Code: "None" }, { Code: "ValidationError", Message: "The provided key element does not match the schema" }],
  });
});
