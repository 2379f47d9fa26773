import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { encryptedClient } from "../../../src/client/index.ts";
import { awsKmsHierarchicalKeyring } from "../../../src/keyrings/index.ts";
import { branchKeyStore } from "../../../src/keystore/index.ts";
import { parseSchema } from "../../../src/schema/index.ts";
import { startLocalKms } from "../../../src/testing/index.ts";
import { startDynamoDbLocal } from "../dynamodb-local.ts";
import { type PeerAws, type PeerConfig, startJavaPeer } from "../java-peer.ts";
import { keyStoreTable } from "../key-store-servers.ts";
import { usedIn } from "../search-arbitraries.ts";
import { type JavaSearchConfig, searchSchemaOf } from "../search-schema.ts";
import { type Item, type Request, searchNames, searchValues } from "./java-search.ts";

/** Writes and searches by either library. */
export interface Side {
  put(item: Item): Promise<unknown>;
  /** `id`, or `pk` where there is none, of what a request finds. */
  find(request: Request): Promise<readonly string[]>;
  send(
    action: "putItem" | "getItem" | "deleteItem" | "updateItem",
    params: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
}

export interface SideOptions {
  readonly tableName: string;
  readonly config: JavaSearchConfig;
  /** One branch key for all; where there are several, `branchKeyIdOf` names that of an item. */
  readonly branchKeyId?: string;
  readonly branchKeyIdOf?: (attributes: Readonly<Record<string, AttributeValue>>) => string;
}

/** One server and key store, between the Java library's interceptor and our client. */
export interface SearchSides {
  readonly plain: DynamoDBClient;
  readonly javaKeyStore: Readonly<Record<string, unknown>>;
  sidesOf(options: SideOptions): { readonly java: Side; readonly ours: Side };
  createTable(options: {
    readonly tableName: string;
    readonly keys?: readonly string[];
    readonly beacons?: readonly string[];
  }): Promise<void>;
  newKey(name: string): Promise<string>;
  stop(): Promise<void>;
}

const credentials = { accessKeyId: "search", secretAccessKey: "search" };
const logicalKeyStoreName = "search-keys";

export async function startSearchSides(): Promise<SearchSides> {
  const peer = startJavaPeer();
  const [server, kms] = await Promise.all([startDynamoDbLocal(), startLocalKms({ regions: ["us-east-1"] })]);
  const kmsKeyArn = (await kms.createKey({ region: "us-east-1" })).arn;
  const dynamoDb = (): DynamoDBClient => new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  const plain = dynamoDb();
  const keyStore = branchKeyStore({
    tableName: "keys",
    logicalKeyStoreName,
    region: "us-east-1",
    client: plain,
    kms: { keyArn: kmsKeyArn, clientSupplier: (region) => new KMSClient(kms.clientConfig(region)) },
  });
  // DynamoDB Local has no backups, which createTable asks for.
  await plain.send(new CreateTableCommand({ ...keyStoreTable("keys"), BillingMode: "PAY_PER_REQUEST" }));
  const aws: PeerAws = { region: "us-east-1", kms: kms.endpoint, dynamoDb: server.endpoint, ...credentials };
  const javaKeyStore = { tableName: "keys", logicalKeyStoreName, kmsKeyArn, region: "us-east-1" };
  return {
    plain,
    javaKeyStore,
    sidesOf({ tableName, config, branchKeyId, branchKeyIdOf = ({ tenant }) => tenant?.S ?? "" }) {
      const [version] = config.search.versions;
      const javaConfig: PeerConfig = {
        ...config,
        tableName,
        aws,
        search: { writeVersion: 1, versions: [{ ...version, version: 1, keyStore: javaKeyStore }] },
      };
      const schema = parseSchema(searchSchemaOf(config));
      const client = encryptedClient(dynamoDb(), {
        schemas: [schema],
        tableNames: { [schema.tableName]: tableName },
        keyring: awsKmsHierarchicalKeyring({
          keyStore,
          ttlSeconds: 600,
          ...(branchKeyId === undefined ? { branchKeyIdSupplier: ({ attributes }) => branchKeyIdOf(attributes) } : { branchKeyId }),
        }),
        beaconKeys: { keyStore, ...(branchKeyId === undefined ? {} : { branchKeyId }) },
      });
      const input = ({ index, key, filter }: Request) => ({
        TableName: tableName,
        ...(index && { IndexName: index }),
        ...(key && { KeyConditionExpression: key }),
        ...(filter && { FilterExpression: filter }),
        ExpressionAttributeNames: usedIn(`${key} ${filter}`, searchNames),
        ExpressionAttributeValues: usedIn(`${key} ${filter}`, searchValues),
      });
      const ids = (items: unknown): readonly string[] => ((items ?? []) as readonly Item[]).map(({ id, pk }) => (id ?? pk)?.S ?? "").sort();
      const java: Side = {
        put: (item) => java.send("putItem", { Item: item }),
        send: (action, params) =>
          peer.client({
            configs: [javaConfig],
            action,
            params: JSON.parse(JSON.stringify({ TableName: tableName, ...params })) as Record<string, unknown>,
            aws,
          }),
        async find(request) {
          const params = JSON.parse(JSON.stringify(input(request))) as Record<string, unknown>;
          const action = request.key === undefined ? "scan" : "query";
          return ids((await peer.client({ configs: [javaConfig], action, params, aws }))["Items"]);
        },
      };
      const commands = { putItem: PutItemCommand, getItem: GetItemCommand, deleteItem: DeleteItemCommand, updateItem: UpdateItemCommand };
      const ours: Side = {
        put: (item) => client.send(new PutItemCommand({ TableName: tableName, Item: item })),
        send: async (action, params) => ({
          ...(await client.send(new (commands[action] as typeof GetItemCommand)({ TableName: tableName, ...params } as never))),
        }),
        async find(request) {
          const command = request.key === undefined ? new ScanCommand(input(request)) : new QueryCommand(input(request));
          return ids(((await client.send(command as QueryCommand)) as QueryCommandOutput).Items);
        },
      };
      return { java, ours };
    },
    async createTable({ tableName, keys = ["pk"], beacons = [] }) {
      await plain.send(
        new CreateTableCommand({
          TableName: tableName,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
          AttributeDefinitions: [...keys, ...beacons].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
          ...(beacons.length > 0 && {
            GlobalSecondaryIndexes: beacons.map((AttributeName) => ({
              IndexName: `by-${AttributeName}`,
              KeySchema: [{ AttributeName, KeyType: "HASH" }],
              Projection: { ProjectionType: "ALL" },
            })),
          }),
        }),
      );
    },
    async newKey(name) {
      const branchKeyId = name === "single" ? randomUUID() : name;
      await keyStore.createKey({ branchKeyId, encryptionContext: { tenant: name } });
      return branchKeyId;
    },
    async stop() {
      plain.destroy();
      await Promise.all([peer.stop(), server.stop(), kms.stop()]);
    },
  };
}
