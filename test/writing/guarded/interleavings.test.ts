import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { applyUpdate, evaluateCondition, parseExpressions } from "../../../src/expressions/index.ts";
import { defineTable, type TableSchema } from "../../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../../support/client-tables.ts";
import { hookedClient } from "../../support/hooked-client.ts";

/**
 * Writes of a client that encrypts, with writers beside it that do not, at each of its requests. Whatever happens, the
 * item is what the writes make of it in some order, the answer is that of the same order, and every reader can read it.
 */
type Item = Readonly<Record<string, AttributeValue>>;
/** What a write makes of an item: `undefined` for none. */
type State = Item | undefined;

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

const key = (id: string): Record<string, AttributeValue> => ({ customerId: { S: id }, recordId: { S: "profile" } });
const start = { email: { S: "a@b.c" }, tier: { S: "gold" }, balance: { N: "10" }, visits: { N: "1" } };
const many = Object.fromEntries(Array.from({ length: 180 }, (_, index) => [`a${index}`, { N: String(index) }]));

interface Write {
  /** Rejects where its condition fails. */
  send(client: DynamoDBClient, id: string): Promise<{ readonly Attributes?: Item | undefined } | undefined>;
  /** What it makes of an item, and answers; `undefined` where its condition fails. */
  model(state: State, id: string): { readonly state: State; readonly answer: State } | undefined;
}

type Expressions = Omit<UpdateItemCommandInput, "TableName" | "Key">;

function updating(input: Expressions, { transaction = false } = {}): Write {
  return {
    send: async (client, id) => {
      const Update = { TableName, Key: key(id), ...input, UpdateExpression: input.UpdateExpression };
      if (!transaction) return client.send(new UpdateItemCommand({ ...Update, ReturnValues: input.ReturnValues ?? "ALL_NEW" }));
      await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }));
      return undefined;
    },
    model: (state, id) => {
      const { condition, update } = parseExpressions(expressionsOf(input));
      if (condition !== undefined && !evaluateCondition(condition, state ?? {})) return undefined;
      const next = update === undefined ? { ...key(id), ...state } : { ...applyUpdate(update, state ?? key(id)).item };
      return { state: next, answer: transaction ? undefined : input.ReturnValues === "ALL_OLD" ? state : next };
    },
  };
}

function expressionsOf({ ReturnValues: _, ...expressions }: Expressions): Expressions {
  return expressions;
}

function putting(attributes: Item, input: Omit<PutItemCommandInput, "TableName" | "Item"> = {}): Write {
  return {
    send: (client, id) =>
      client.send(new PutItemCommand({ TableName, Item: { ...key(id), ...attributes }, ...input, ReturnValues: "ALL_OLD" })),
    model: (state, id) => {
      const { condition } = parseExpressions(input);
      if (condition !== undefined && !evaluateCondition(condition, state ?? {})) return undefined;
      return { state: { ...key(id), ...attributes }, answer: state };
    },
  };
}

function deleting(input: Omit<PutItemCommandInput, "TableName" | "Item"> = {}): Write {
  return {
    send: (client, id) => client.send(new DeleteItemCommand({ TableName, Key: key(id), ...input, ReturnValues: "ALL_OLD" })),
    model: (state) => {
      const { condition } = parseExpressions(input);
      if (condition !== undefined && !evaluateCondition(condition, state ?? {})) return undefined;
      return { state: undefined, answer: state };
    },
  };
}

const values = (entries: Item): Pick<UpdateItemCommandInput, "ExpressionAttributeValues"> => ({
  ExpressionAttributeValues: { ...entries },
});
const raise = { UpdateExpression: "SET balance = balance + :n ADD visits :n", ...values({ ":n": { N: "1" } }) };

/** Writers that encrypt nothing: an older process, a script, the service's own expiry. */
const rivals: Readonly<Record<string, Write>> = {
  "puts another item": putting({ email: { S: "rival@b.c" }, balance: { N: "100" }, visits: { N: "7" } }),
  "adds an attribute that the schema signs": updating({ UpdateExpression: "SET city = :v", ...values({ ":v": { S: "Bern" } }) }),
  "adds an attribute that the schema does not name": updating({
    UpdateExpression: "SET nickname = :v",
    ...values({ ":v": { S: "Al" } }),
  }),
  "changes an attribute": updating({ UpdateExpression: "SET email = :v", ...values({ ":v": { S: "new@b.c" } }) }),
  "takes an attribute away": updating({ UpdateExpression: "REMOVE tier" }),
  "counts an unsigned attribute": updating({ UpdateExpression: "ADD visits :n", ...values({ ":n": { N: "5" } }) }),
  "deletes the item, as expiry does": deleting(),
};
const adding = ["adds an attribute that the schema signs", "adds an attribute that the schema does not name"];

/** The writes of the client that encrypts. */
const writes: Readonly<Record<string, { readonly write: Write; readonly first?: Item; readonly ifThere?: boolean }>> = {
  "an update of encrypted attributes": {
    write: updating({ ...raise, UpdateExpression: "SET email = :e ADD visits :n", ...values({ ":e": { S: "x" }, ":n": { N: "1" } }) }),
  },
  "an update that answers the old item": {
    write: updating({ UpdateExpression: "SET email = :e", ...values({ ":e": { S: "x" } }), ReturnValues: "ALL_OLD" }),
  },
  "an update of unsigned attributes": { write: updating({ UpdateExpression: "ADD visits :n", ...values({ ":n": { N: "1" } }) }) },
  "an update that takes away": { write: updating({ UpdateExpression: "REMOVE tier, email" }) },
  "an update of an item with a key alone": {
    write: updating({
      UpdateExpression: "SET email = :e",
      ConditionExpression: "attribute_exists(customerId)",
      ...values({ ":e": { S: "x" } }),
    }),
    first: {},
  },
  "an update of an item with very many attributes": {
    write: updating({ UpdateExpression: "SET a7 = :n ADD visits :n", ...values({ ":n": { N: "1" } }) }),
    first: { ...start, ...many },
  },
  "an update with a condition on an encrypted attribute": {
    write: updating({
      UpdateExpression: "SET email = :e",
      ConditionExpression: "email <> :v",
      ...values({ ":e": { S: "x" }, ":v": { S: "rival@b.c" } }),
    }),
  },
  "an update in a transaction": {
    write: updating(
      { UpdateExpression: "SET email = :e ADD visits :n", ...values({ ":e": { S: "x" }, ":n": { N: "1" } }) },
      { transaction: true },
    ),
  },
  "a guarded Put": {
    write: putting({ email: { S: "put" } }, { ConditionExpression: "email <> :v", ...values({ ":v": { S: "rival@b.c" } }) }),
  },
  "a guarded Put of an item that has to be there": {
    write: putting(
      { email: { S: "put" } },
      { ConditionExpression: "attribute_exists(customerId) AND email <> :v", ...values({ ":v": { S: "rival@b.c" } }) },
    ),
    first: {},
  },
  "a guarded Delete": { write: deleting({ ConditionExpression: "email <> :v", ...values({ ":v": { S: "rival@b.c" } }) }) },
};

const migrating = (schema: TableSchema): Partial<EncryptedClientOptions> => ({
  schemas: [defineTable({ ...schema, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" })],
  acknowledgePlaintext: true,
});
const { otherAttributes: _others, ...closed } = customers;
const schemas: Readonly<Record<string, TableSchema>> = {
  "with otherAttributes": customers,
  "that names all": { ...closed, attributes: { ...closed.attributes, balance: "ENCRYPT_AND_SIGN", ...signOnly(many) } } as TableSchema,
};

function signOnly(attributes: Item): Record<string, "SIGN_ONLY"> {
  return Object.fromEntries(Object.keys(attributes).map((name) => [name, "SIGN_ONLY"]));
}

let runs = 0;

interface Run {
  readonly schema: TableSchema;
  readonly write: Write;
  readonly first: Item;
  /** At which of the client's requests which rival writes, before it is sent. */
  readonly rivals: readonly { readonly at: number; readonly rival: Write }[];
}

/** @returns whether all of the rivals came to write, and what is wrong */
async function run({
  schema,
  write,
  first,
  rivals: planned,
}: Run): Promise<{ readonly came: boolean; readonly problem: string | undefined }> {
  const id = `run ${runs++}`;
  await server.plain.send(new PutItemCommand({ TableName, Item: { ...key(id), ...first } }));
  let requests = 0;
  const done: Write[] = [];
  const client = encryptedClient(
    hookedClient(server.config, async () => {
      requests++;
      for (const { at, rival } of planned) {
        if (at !== requests) continue;
        await rival.send(server.plain, id);
        done.push(rival);
      }
    }),
    { ...clientOptions, ...migrating(schema) },
  );
  const answer = await write.send(client, id).then(
    (output) => ({ failed: false, attributes: output?.Attributes, error: undefined }),
    (error: Error) => ({ failed: true, attributes: undefined, error }),
  );
  const read = async (options: Partial<EncryptedClientOptions>): Promise<State> =>
    (
      await encryptedClient(server.plain, { ...clientOptions, ...options }).send(
        new GetItemCommand({ TableName, Key: key(id), ConsistentRead: true }),
      )
    ).Item;
  const found = await read(migrating(schema)).then(
    (item) => ({ item }),
    (error: Error) => ({ error }),
  );
  const came = done.length === planned.length;
  if ("error" in found) return { came, problem: `cannot be read: ${found.error.message}` };
  const legal = outcomes(write, done, { ...key(id), ...first }, id);
  const refused = answer.error !== undefined && "code" in answer.error && answer.error.code === "ERR_ATTRIBUTE_NOT_CONFIGURED";
  const matches = legal.some(({ state, result }) => {
    if (!same(state, found.item)) return false;
    if (result === undefined)
      return (
        answer.failed && /ConditionalCheckFailed|TransactionCanceled|ERR_EXPRESSION/.test(`${answer.error?.name} ${answer.error?.message}`)
      );
    return !answer.failed && (result.answer === undefined ? answer.attributes === undefined : same(result.answer, answer.attributes));
  });
  // An attribute that nobody planned for stops a write, as it does where it was there before.
  const stopped = refused && same(rivalsOnly(done, { ...key(id), ...first }, id), found.item);
  if (matches || stopped) return { came, problem: undefined };
  return { came, problem: JSON.stringify({ answer: answer.error?.message ?? answer.attributes, found: found.item, legal }) };
}

function rivalsOnly(done: readonly Write[], first: Item, id: string): State {
  return done.reduce<State>((state, rival) => rival.model(state, id)?.state, first);
}

/** The states and answers of every order in which the client's write comes somewhere among the rivals'. */
function outcomes(write: Write, done: readonly Write[], first: Item, id: string) {
  return Array.from({ length: done.length + 1 }, (_, place) => {
    const before = rivalsOnly(done.slice(0, place), first, id);
    let result: ReturnType<Write["model"]>;
    try {
      result = write.model(before, id);
    } catch {
      result = undefined;
    }
    const after = result === undefined ? before : result.state;
    const state = done.slice(place).reduce<State>((item, rival) => rival.model(item, id)?.state, after);
    return { state, result };
  });
}

function same(a: State, b: State): boolean {
  const text = (state: State): string => JSON.stringify(Object.entries(state ?? {}).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}

describe.each(Object.entries(schemas))("under a schema %s", (_schema, schema) => {
  test.each(Object.entries(writes))(
    "%s, with one other writer at each of its requests",
    { timeout: 120_000 },
    async (_name, { write, first = start }) => {
      const problems: string[] = [];
      let interleavings = 0;
      for (const [name, rival] of Object.entries(rivals)) {
        for (let at = 1; ; at++) {
          const { came, problem } = await run({ schema, write, first, rivals: [{ at, rival }] });
          if (problem !== undefined) problems.push(`${name} at request ${at}: ${problem}`);
          if (!came) break;
          interleavings++;
        }
      }
      expect(problems).toEqual([]);
      expect(interleavings).toBeGreaterThan(Object.keys(rivals).length);
    },
  );

  // What a Put or a Delete takes the place of needs no second look.
  test.each(Object.entries(writes).filter(([name]) => name.startsWith("an update")))(
    "%s, with two other writers, the first of which adds",
    { timeout: 240_000 },
    async (_name, { write, first = start }) => {
      const problems: string[] = [];
      for (const firstName of adding) {
        for (const [name, rival] of Object.entries(rivals)) {
          for (let at = 1; ; at++) {
            const adder = rivals[firstName];
            if (adder === undefined) throw new Error(firstName);
            let cameAtAll = false;
            for (let later = at; ; later++) {
              const { came, problem } = await run({
                schema,
                write,
                first,
                rivals: [
                  { at, rival: adder },
                  { at: later, rival },
                ],
              });
              if (problem !== undefined) problems.push(`${firstName} at ${at}, ${name} at ${later}: ${problem}`);
              if (!came) break;
              cameAtAll = true;
            }
            if (!cameAtAll) break;
          }
        }
      }
      expect(problems).toEqual([]);
    },
  );
});
