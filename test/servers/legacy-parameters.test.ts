import { isDeepStrictEqual } from "node:util";
import * as low from "@aws-sdk/client-dynamodb";
import { CreateTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { keyring } from "../support/client-tables.ts";
import { commandOf, type Sender } from "../support/dialects.ts";
import { type Answer, type Outcome, outcomeOf } from "../support/equivalence/outcome.ts";
import { anyLegacyRequest, type LegacyRequest, legacyNames } from "../support/legacy/random-legacy.ts";

/** Random requests with parameters from before expressions, on a plain table and on an encrypted one: the same answers and errors. */
const seed = Number(process.env["LEGACY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const scenarios = 60;

const schema = defineTable({
  tableName: "things",
  partitionKey: "pk",
  attributes: {
    ...{ text: "ENCRYPT_AND_SIGN", number: "ENCRYPT_AND_SIGN", tags: "ENCRYPT_AND_SIGN", list: "ENCRYPT_AND_SIGN", map: "SIGN_ONLY" },
    ...{ signed: "SIGN_ONLY", open: "DO_NOTHING", counter: "DO_NOTHING", "a.b": "ENCRYPT_AND_SIGN", order: "SIGN_ONLY" },
  },
  otherAttributes: "ENCRYPT_AND_SIGN",
  algorithmSuite: "HMAC",
});

let plain: DynamoDBClient;
let encrypted: DynamoDBClient;
const plainName = "legacy-plain";
const encryptedName = "legacy-encrypted";

beforeAll(async () => {
  const credentials = { accessKeyId: "legacy", secretAccessKey: "legacy" };
  plain = new DynamoDBClient({ endpoint: inject("dynamoDbEndpoint"), region: "us-east-1", credentials });
  for (const TableName of [plainName, encryptedName]) {
    await plain.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      }),
    );
  }
  encrypted = encryptedClient(plain, { schemas: [schema], keyring, tableNames: { things: encryptedName }, filterAfterDecrypt: true });
  process.stdout.write(`legacy parameters on DynamoDB Local, seed ${seed}\n`);
});
afterAll(() => plain.destroy());

async function outcome(client: DynamoDBClient, TableName: string, { operation, input }: LegacyRequest): Promise<Outcome> {
  const Command = commandOf(low, operation);
  const request = operation === "BatchGetItem" ? { RequestItems: { [TableName]: input } } : { TableName, ...input };
  const options = client === encrypted && operation === "UpdateItem" ? requestOptions({ disclose: legacyNames }) : {};
  try {
    return outcomeOf({ answer: (await (client as unknown as Sender).send(new Command({ ...request, ...options }))) as Answer });
  } catch (error) {
    return outcomeOf({ error: error as Error });
  }
}

const comparable = (one: Outcome): unknown => (one.kind === "error" ? { ...one, message: undefined } : one);

async function isNoUpdate({ operation, input }: LegacyRequest): Promise<boolean> {
  if (operation !== "UpdateItem") return false;
  const Key = { pk: { S: "nobody" } };
  const { AttributeUpdates } = input;
  const alone = await outcome(plain, plainName, { operation, input: { Key, AttributeUpdates } });
  await plain.send(new low.DeleteItemCommand({ TableName: plainName, Key }));
  return alone.kind === "error" && alone.name === "ValidationException";
}

async function empty(): Promise<void> {
  for (const TableName of [plainName, encryptedName]) {
    const { Items = [] } = await plain.send(new ScanCommand({ TableName }));
    for (const { pk } of Items) if (pk !== undefined) await plain.send(new low.DeleteItemCommand({ TableName, Key: { pk } }));
  }
}

test("legacy requests are answered and refused as on a plain table", { timeout: 600_000 }, async () => {
  const counts = { answered: 0, refused: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(anyLegacyRequest(), { minLength: 8, maxLength: 25, size: "max" }), async (requests) => {
      await empty();
      for (const request of requests) {
        const wanted = await outcome(plain, plainName, request);
        const found = await outcome(encrypted, encryptedName, request);
        if (wanted.kind === "answer") counts.answered++;
        else if (wanted.name === "ConditionalCheckFailedException") counts.failed++;
        else counts.refused++;
        if (isDeepStrictEqual(comparable(wanted), comparable(found))) continue;
        // DynamoDB Local looks at the condition before it looks at whether an update is one at all.
        const failsFirst = wanted.kind === "error" && wanted.name === "ConditionalCheckFailedException";
        if (failsFirst && found.kind === "error" && found.name === "ValidationException" && (await isNoUpdate(request))) continue;
        throw new Error(`${JSON.stringify(request)}\nplain ${JSON.stringify(wanted)}\nencrypted ${JSON.stringify(found)}`);
      }
    }),
    { seed, numRuns: scenarios },
  );
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  const all = counts.answered + counts.refused + counts.failed;
  expect(counts.answered / all).toBeGreaterThan(0.35);
  expect(counts.failed / all).toBeGreaterThan(0.02);
});
