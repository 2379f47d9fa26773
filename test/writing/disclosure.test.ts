import { PutItemCommand, TransactWriteItemsCommand, UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import type { DynasealEvent } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../support/client-tables.ts";
import { itemOf, keyOf, N, S } from "../support/guarded-fixture.ts";
import { hookedClient } from "../support/hooked-client.ts";
import { storedItem } from "../support/stored-item.ts";

let server: ClientServer;
let events: DynasealEvent[] = [];
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(async () => {
  await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item") }));
  events = [];
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}) =>
  encryptedClient(
    hookedClient(server.config, () => undefined),
    { ...clientOptions, onEvent: (event) => events.push(event), ...options },
  );
type Expressions = Pick<UpdateItemCommandInput, "UpdateExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues">;
const expressions = (UpdateExpression: string): Expressions => {
  const values = { ":n": N(1), ":l": { L: [S("x")] }, ":s": S("none") };
  const used = Object.entries(values).filter(([name]) => UpdateExpression.includes(name));
  const names = UpdateExpression.includes("#l") ? { ExpressionAttributeNames: { "#l": "lines" } } : {};
  return { UpdateExpression, ...names, ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }) };
};
const inputOf = (expression: string): UpdateItemCommandInput => ({ TableName, Key: keyOf("item"), ...expressions(expression) });
const inTransaction = ({ TableName, Key, ...input }: UpdateItemCommandInput): TransactWriteItemsCommand =>
  new TransactWriteItemsCommand({ TransactItems: [{ Update: { TableName, Key, ...input, UpdateExpression: input.UpdateExpression } }] });

const disclosing: readonly (readonly [string, string, string, string])[] = [
  ["SET tier = email", "tier", "email", "SIGN_ONLY"],
  ["SET visits = email", "visits", "email", "DO_NOTHING"],
  ["SET tier = if_not_exists(tier, email)", "tier", "email", "SIGN_ONLY"],
  ["SET tier = if_not_exists(email, :s)", "tier", "email", "SIGN_ONLY"],
  ["SET visits = balance + :n", "visits", "balance", "DO_NOTHING"],
  ["SET visits = visits - balance", "visits", "balance", "DO_NOTHING"],
  ["SET tier = address.street", "tier", "address", "SIGN_ONLY"],
  ["SET seen = list_append(address.#l, :l)", "seen", "address", "DO_NOTHING"],
  ["SET seen = list_append(:l, if_not_exists(nickname, :l))", "seen", "nickname", "DO_NOTHING"],
  ["SET city = tier, tier = email REMOVE email", "tier", "email", "SIGN_ONLY"],
];

describe("a value computed from an encrypted attribute into a readable one", () => {
  test.each(disclosing)("%s is refused, before anything is sent", async (expression, attribute, from, planned) => {
    const details = { tableName: "customers", attribute, from, stored: "ENCRYPT_AND_SIGN", planned };
    const exposing = { code: "ERR_WOULD_EXPOSE", details };
    await expect(wrap().send(new UpdateItemCommand(inputOf(expression)))).rejects.toMatchObject(exposing);
    await expect(wrap().send(inTransaction(inputOf(expression)))).rejects.toMatchObject(exposing);
    expect(server.proxy.requests).toEqual([]);
  });

  test.each(disclosing.filter(([, , from]) => from !== "nickname"))(
    "%s is done where the request says so, with an event",
    async (...disclosed) => {
      const [expression, attribute, from] = disclosed;
      const event = { type: "attribute-disclosed", tableName: "customers", attribute, from };
      await wrap().send(new UpdateItemCommand({ ...inputOf(expression), ...requestOptions({ disclose: [attribute] }) }));
      expect(events).toEqual([event]);
      expect(server.proxy.requests.every(({ body }) => !body.includes("disclose"))).toBe(true);
      await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item") }));
      events = [];
      await wrap().send(inTransaction(inputOf(expression)), { disclose: [attribute] } as object);
      expect(events).toEqual([event]);
    },
  );

  test("another attribute than the one that the request names stays refused", async () => {
    const input = { ...inputOf("SET tier = email, city = email"), ...requestOptions({ disclose: ["tier"] }) };
    await expect(wrap().send(new UpdateItemCommand(input))).rejects.toMatchObject({
      code: "ERR_WOULD_EXPOSE",
      details: { attribute: "city" },
    });
  });

  test.each([
    "SET email = address.street",
    "SET nickname = email",
    "SET balance = balance + :n",
    "SET tier = city",
    "SET tier = tier, email = email",
  ])("%s discloses nothing", async (expression) => {
    const { city: _absent } = itemOf("item");
    await wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf("item"), city: S("Bern") } }));
    events = [];
    await wrap().send(new UpdateItemCommand(inputOf(expression)));
    expect(events).toEqual([]);
  });

  test("the item's own legend counts: it may have encrypted what the schema signs only, or does not name", async () => {
    const lax = wrap({ schemas: [defineTable({ ...customers, otherAttributes: "SIGN_ONLY" })] });
    await wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf("item"), nickname: S("Al") } }));
    const details = { attribute: "tier", from: "nickname", stored: "ENCRYPT_AND_SIGN" };
    for (const command of [new UpdateItemCommand(inputOf("SET tier = nickname")), inTransaction(inputOf("SET tier = nickname"))]) {
      await expect(lax.send(command as UpdateItemCommand)).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE", details });
    }
    const stored = await storedItem(server.plain, { TableName, Key: keyOf("item") });
    expect(stored?.["tier"]).toEqual(S("gold"));
    // What the item keeps encrypted may take such a value.
    await lax.send(new UpdateItemCommand(inputOf("SET nickname = email")));
    expect((await storedItem(server.plain, { TableName, Key: keyOf("item") }))?.["nickname"]?.B).toBeInstanceOf(Uint8Array);
  });

  test("on a plain row, which the update encrypts, it is refused as well; where rows stay plain it discloses nothing", async () => {
    await server.plain.send(new PutItemCommand({ TableName, Item: { ...keyOf("item"), email: S("a@b.c") } }));
    const step = (plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" | "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ") =>
      wrap({ schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true });
    const copying = new UpdateItemCommand(inputOf("SET tier = email"));
    await expect(step("FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ").send(copying)).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE" });
    await step("FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ").send(copying);
    expect(await storedItem(server.plain, { TableName, Key: keyOf("item") })).toMatchObject({ tier: S("a@b.c") });
    // The next item is encrypted, and step 1 keeps it so.
    await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item") }));
    await expect(step("FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ").send(copying)).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE" });
  });

  test("is an option of one request, not of a client", () => {
    expect(() => wrap({ disclose: ["tier"] } as object)).toThrow(expect.objectContaining({ code: "ERR_OPTION_UNKNOWN" }));
    expect(() => requestOptions({ disclose: "tier" as never })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
