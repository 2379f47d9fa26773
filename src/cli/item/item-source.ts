import { createReadStream } from "node:fs";
import type { Command } from "commander";
import { type AttributeMap, itemFromDynamoDbJson } from "../../attributes/index.ts";
import { decodeUtf8 } from "../../bytes/index.ts";
import { DynasealError, invalidArgument } from "../../errors/index.ts";
import { type ConnectionOptions, withConnection } from "../connection-options.ts";
import { storedItems } from "./stored-items.ts";

export interface SourceOptions extends ConnectionOptions {
  readonly table?: string;
  readonly physicalTable?: string;
  readonly config?: string;
  readonly key?: string;
}

export const defaultConfig = "dynaseal.config.json";

/** Some 10 items of the largest size; whole exports have a command of their own. */
const maximumInputBytes = 16 * 1024 * 1024;

/** Adds the argument FILE, and the options that lead to an item in a table. */
export function withSource(command: Command): Command {
  command
    .argument("[file]", "a file with the item, or - for standard input; standard input unless given")
    .option("--key <json>", 'fetch the item from the table: its key, such as \'{"customerId":{"S":"42"}}\'')
    .option("--table <name>", "the table's logical name, as its schema and the configuration have it")
    .option("--physical-table <name>", "the table's name in DynamoDB, where the configuration does not say it")
    .option("--config <file>", `the configuration; ${defaultConfig} unless given`);
  return withConnection(command);
}

/** The stored items that a command line names. */
export async function itemsFromSource(
  file: string | undefined,
  options: SourceOptions,
  physicalTable: string | undefined,
): Promise<readonly AttributeMap[]> {
  const { key } = options;
  if (key === undefined) return storedItems(await textOf(file === undefined || file === "-" ? process.stdin : contentOf(file)));
  if (file !== undefined) throw invalidArgument("--key", "left out if a file is given");
  if (physicalTable === undefined) throw invalidArgument("--key", "given together with --table or --physical-table");
  return [await fetchItem(physicalTable, keyOf(key))];
}

async function* contentOf(file: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (error) {
    throw new DynasealError("ERR_INVALID_ARGUMENT", { details: { argument: "file", expected: "a file that can be read" }, cause: error });
  }
}

async function textOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > maximumInputBytes) throw invalidArgument("the input", `at most ${maximumInputBytes} bytes`);
    chunks.push(chunk);
  }
  const text = decodeUtf8(Buffer.concat(chunks));
  if (text === undefined) throw invalidArgument("the input", "UTF-8");
  return text;
}

function keyOf(text: string): AttributeMap {
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    // The parser's message quotes the key's value.
    throw invalidArgument("--key", 'DynamoDB JSON, such as { "customerId": { "S": "42" } }');
  }
  return itemFromDynamoDbJson(key);
}

async function fetchItem(tableName: string, key: AttributeMap): Promise<AttributeMap> {
  const { DynamoDBClient, GetItemCommand } = await import("@aws-sdk/client-dynamodb");
  const client = new DynamoDBClient({});
  try {
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: { ...key }, ConsistentRead: true }));
    if (Item === undefined) throw invalidArgument("--key", "the key of an item that the table has");
    return Item;
  } finally {
    client.destroy();
  }
}
