import { BatchGetItemCommand, BatchWriteItemCommand, DynamoDBClient, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type CryptographicMaterialsManager, cmmOf } from "../../src/materials/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { createPeopleTable, peopleOptions } from "../support/people.ts";

const TableName = "people-turns";
const region = "us-east-1";
/** Each item's key takes this long, in milliseconds, on the event loop. */
const busy = 1;
const items = 100;

let server: LocalGlobalTable;
let client: DynamoDBClient;
/** In each turn of the loop, how many items had their keys made or unwrapped. */
let perTurn: number[] = [];

/** The same keys, by a keyring that holds the loop as a slow machine would. */
function slow(inner: CryptographicMaterialsManager): CryptographicMaterialsManager {
  const hold = (): void => {
    perTurn[perTurn.length - 1] = (perTurn.at(-1) ?? 0) + 1;
    for (const end = performance.now() + busy; performance.now() < end; );
  };
  return {
    getEncryptionMaterials: (request, call) => {
      hold();
      return inner.getEncryptionMaterials(request, call);
    },
    decryptMaterials: (request, call) => {
      hold();
      return inner.decryptMaterials(request, call);
    },
  };
}

const requests = Array.from({ length: items }, (_, index) => ({
  PutRequest: { Item: marshall({ personId: "group", recordId: String(index).padStart(3, "0"), email: `${index}@example.com` }) },
}));

/** Counts what was done in each turn of the loop while a request runs. */
async function turnsOf<Output>(run: () => Promise<Output>): Promise<Output> {
  perTurn = [0];
  let running = true;
  const count = (): void => {
    perTurn.push(0);
    if (running) setImmediate(count);
  };
  setImmediate(count);
  try {
    return await run();
  } finally {
    running = false;
  }
}

beforeAll(async () => {
  server = await startLocalGlobalTable({ regions: [region] });
  const plain = new DynamoDBClient(server.clientConfig(region));
  await createPeopleTable(plain, TableName, "encrypted");
  const options = peopleOptions(TableName);
  client = encryptedClient(plain, { ...options, keyring: slow(cmmOf(options.keyring as never)) });
  for (let first = 0; first < items; first += 25) {
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests.slice(first, first + 25) } }));
  }
});

afterAll(() => server.stop());

const query = { TableName, KeyConditionExpression: "personId = :p", ExpressionAttributeValues: marshall({ ":p": "group" }) };
const keys = requests.map(({ PutRequest: { Item } }) => ({ personId: Item["personId"], recordId: Item["recordId"] }));

test.each([
  ["Query", items, () => client.send(new QueryCommand(query))],
  ["Scan", items, () => client.send(new ScanCommand({ TableName }))],
  ["BatchGetItem", items, () => client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys as never } } }))],
  ["BatchWriteItem", 25, () => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests.slice(0, 25) } }))],
] as const)("%s lets the loop turn between items", async (_name, count, run) => {
  await turnsOf<unknown>(run);
  expect(perTurn.reduce((sum, one) => sum + one, 0)).toBe(count);
  // Five milliseconds, and the 16 items that may have been begun before. Without turns, all are in one.
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(21);
});
