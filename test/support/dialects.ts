import * as low from "@aws-sdk/client-dynamodb";
import { DynamoDB, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import * as documents from "@aws-sdk/lib-dynamodb";
import { DynamoDBDocument, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

/** A request or an answer, with native items whatever the client. */
export type Native = Record<string, unknown>;

/** One of the four client classes, spoken to in native values. */
export interface Dialect<Client = unknown> {
  readonly name: string;
  make(config: DynamoDBClientConfig): Client;
  isInstance(client: unknown): boolean;
  /** `operation` is the service's name, such as `"PutItem"`. */
  run(client: Client, operation: string, input: Native, options?: object): Promise<Native>;
}

export type Sender = { send(command: unknown, options?: object): Promise<Native> };
type CommandClass = new (input: unknown) => object;

const itemMembers: ReadonlySet<string> = new Set([
  "Item",
  "Key",
  "Attributes",
  "ExpressionAttributeValues",
  "ExclusiveStartKey",
  "LastEvaluatedKey",
]);

/** The value with every item, key and map of values in it put through `item`. */
export function mapItems(value: unknown, item: (map: Native) => unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => mapItems(entry, item));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (member !== undefined && itemMembers.has(name)) return [name, item(member as Native)];
      if (name === "Keys" || name === "Items") return [name, (member as Native[]).map(item)];
      if (name === "Responses" && !Array.isArray(member)) {
        const tables = Object.entries(member as Record<string, Native[]>);
        return [name, Object.fromEntries(tables.map(([table, items]) => [table, items.map(item)]))];
      }
      return [name, mapItems(member, item)];
    }),
  );
}

const marshalled = (input: Native): Native => mapItems(input, (map) => marshall(map)) as Native;
const unmarshalled = (output: Native): Native => mapItems(output, (map) => unmarshall(map as Parameters<typeof unmarshall>[0])) as Native;

/** `PutItem` is `PutCommand` there, and `.put()`. */
export function documentName(operation: string): string {
  return operation.replace(/(Get|Put|Delete|Update|Write)Items?$/, "$1");
}

export function commandOf(module: object, name: string): CommandClass {
  const found = (module as Record<string, CommandClass>)[`${name}Command`];
  if (found === undefined) throw new Error(`the SDK has no ${name}Command`);
  return found;
}

function methodOf(client: unknown, name: string): (input: Native, options?: object) => Promise<Native> {
  const method = (client as Record<string, (input: Native, options?: object) => Promise<Native>>)[
    name.charAt(0).toLowerCase() + name.slice(1)
  ];
  if (method === undefined) throw new Error(`the client has no ${name}`);
  return method.bind(client);
}

export const dialects: readonly Dialect[] = [
  {
    name: "DynamoDBClient",
    make: (config) => new DynamoDBClient(config),
    isInstance: (client) => client instanceof DynamoDBClient,
    run: async (client, operation, input, options) => {
      const Command = commandOf(low, operation);
      return unmarshalled(await (client as Sender).send(new Command(marshalled(input)), options));
    },
  },
  {
    name: "DynamoDB",
    make: (config) => new DynamoDB(config),
    isInstance: (client) => client instanceof DynamoDB,
    run: async (client, operation, input, options) => unmarshalled(await methodOf(client, operation)(marshalled(input), options)),
  },
  {
    name: "DynamoDBDocumentClient",
    make: (config) => DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    isInstance: (client) => client instanceof DynamoDBDocumentClient,
    run: async (client, operation, input, options) => {
      const Command = commandOf(documents, documentName(operation));
      return (client as Sender).send(new Command(input), options);
    },
  },
  {
    name: "DynamoDBDocument",
    make: (config) => DynamoDBDocument.from(new DynamoDBClient(config)),
    isInstance: (client) => client instanceof DynamoDBDocument,
    run: async (client, operation, input, options) => methodOf(client, documentName(operation))(input, options),
  },
];
