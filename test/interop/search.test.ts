import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { parseSchema } from "../../src/schema/index.ts";
import { type LocalKms, startLocalKms } from "../../src/testing/index.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { type PeerAws, type PeerConfig, startJavaPeer } from "../support/java-peer.ts";
import { keyStoreTable } from "../support/key-store-servers.ts";
import {
  encrypted,
  everything,
  type Item,
  type Request,
  S,
  searchItem,
  searchNames,
  searchRequests,
  searchValues,
} from "../support/search/java-search.ts";
import { usedIn } from "../support/search-arbitraries.ts";
import { type JavaSearchConfig, searchSchemaOf } from "../support/search-schema.ts";

const credentials = { accessKeyId: "search", secretAccessKey: "search" };
const logicalKeyStoreName = "search-keys";
const peer = startJavaPeer();
let server: DynamoDbLocal;
let kms: LocalKms;
let keyStore: DynamoDbBranchKeyStore;
let kmsKeyArn: string;
let aws: PeerAws;
let plain: DynamoDBClient;

beforeAll(async () => {
  [server, kms] = await Promise.all([startDynamoDbLocal(), startLocalKms({ regions: ["us-east-1"] })]);
  kmsKeyArn = (await kms.createKey({ region: "us-east-1" })).arn;
  plain = dynamoDb();
  keyStore = branchKeyStore({
    tableName: "keys",
    logicalKeyStoreName,
    region: "us-east-1",
    client: plain,
    kms: { keyArn: kmsKeyArn, clientSupplier: (region) => new KMSClient(kms.clientConfig(region)) },
  });
  // DynamoDB Local has no backups, which createTable asks for.
  await plain.send(new CreateTableCommand({ ...keyStoreTable("keys"), BillingMode: "PAY_PER_REQUEST" }));
  aws = { region: "us-east-1", kms: kms.endpoint, dynamoDb: server.endpoint, ...credentials };
});
afterAll(async () => {
  plain.destroy();
  await Promise.all([peer.stop(), server.stop(), kms.stop()]);
});

function dynamoDb(): DynamoDBClient {
  return new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
}

const javaKeyStore = (): Readonly<Record<string, unknown>> => ({ tableName: "keys", logicalKeyStoreName, kmsKeyArn, region: "us-east-1" });

/** Ids of what a request finds, by either library. */
interface Side {
  put(item: Item): Promise<unknown>;
  find(request: Request): Promise<readonly string[]>;
}

/** One table, between the Java library's interceptor and our client. */
function sidesOf(tableName: string, config: JavaSearchConfig, branchKeyId: string | undefined): { java: Side; ours: Side } {
  const [version] = config.search.versions;
  const javaConfig: PeerConfig = {
    ...config,
    tableName,
    aws,
    search: {
      writeVersion: 1,
      versions: [{ ...version, version: 1, keyStore: javaKeyStore() }],
    },
  };
  const schema = parseSchema(searchSchemaOf(config));
  const supplier = ({ attributes }: { readonly attributes: Readonly<Record<string, AttributeValue>> }): string =>
    attributes["tenant"]?.S ?? "";
  const client = encryptedClient(dynamoDb(), {
    schemas: [schema],
    tableNames: { [schema.tableName]: tableName },
    keyring: awsKmsHierarchicalKeyring({
      keyStore,
      ttlSeconds: 600,
      ...(branchKeyId === undefined ? { branchKeyIdSupplier: supplier } : { branchKeyId }),
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
  const ids = (items: unknown): readonly string[] => (items as readonly Item[]).map(({ pk }) => pk?.S ?? "").sort();
  return {
    java: {
      put: (item) => peer.client({ configs: [javaConfig], action: "putItem", params: { TableName: tableName, Item: item }, aws }),
      async find(request) {
        const params = JSON.parse(JSON.stringify(input(request))) as Record<string, unknown>;
        const action = request.key === undefined ? "scan" : "query";
        return ids((await peer.client({ configs: [javaConfig], action, params, aws }))["Items"]);
      },
    },
    ours: {
      put: (item) => client.send(new PutItemCommand({ TableName: tableName, Item: item })),
      async find(request) {
        const command = request.key === undefined ? new ScanCommand(input(request)) : new QueryCommand(input(request));
        return ids(((await client.send(command as QueryCommand)) as QueryCommandOutput).Items);
      },
    },
  };
}

async function createTable(TableName: string, beacons: readonly string[]): Promise<void> {
  await plain.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: ["pk", ...beacons].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: beacons.map((AttributeName) => ({
        IndexName: `by-${AttributeName}`,
        KeySchema: [{ AttributeName, KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
      })),
    }),
  );
}

const keyring = (more: object): JavaSearchConfig["keyring"] =>
  ({ type: "hierarchical", ttlSeconds: 600, ...more }) as unknown as JavaSearchConfig["keyring"];

describe("one table with every kind of beacon, written by Java and by us", () => {
  const numbers = [0, 1, 2, 3, 4, 5];
  let sides: ReturnType<typeof sidesOf>;

  beforeAll(async () => {
    const branchKeyId = await newKey("single");
    const config = {
      logicalTableName: "searched",
      partitionKeyName: "pk",
      algorithmSuiteId: "0x6700",
      attributeActionsOnEncrypt: {
        pk: "SIGN_ONLY",
        ...Object.fromEntries(encrypted.map((name) => [name, "ENCRYPT_AND_SIGN"])),
        land: "SIGN_ONLY",
        jahr: "SIGN_ONLY",
      },
      keyring: keyring({ branchKeyId, keyStore: javaKeyStore() }),
      search: { versions: [{ ...everything, keySource: { single: { keyId: branchKeyId, cacheTTL: 600 } } }] },
    } as unknown as JavaSearchConfig;
    await createTable("searched", ["aws_dbe_b_x", "aws_dbe_b_full", "aws_dbe_b_c", "landJahr"]);
    sides = sidesOf("searched", config, branchKeyId);
    for (const number of numbers) {
      await sides.java.put(searchItem(`java ${number}`, number));
      await sides.ours.put(searchItem(`ours ${number}`, number));
    }
  });

  it.each(searchRequests)("%s", async (_name, request, holds) => {
    const expected = ["java", "ours"].flatMap((writer) => numbers.filter(holds).map((number) => `${writer} ${number}`));
    expect(expected.length).toBeGreaterThan(0);
    expect(await sides.ours.find(request)).toEqual(expected);
    expect(await sides.java.find(request)).toEqual(expected);
  });

  it("stores the same beacons", async () => {
    const { Items = [] } = await plain.send(new ScanCommand({ TableName: "searched" }));
    const beaconsOf = (pk: string): Item => {
      const stored = Items.find((one) => one["pk"]?.S === pk) ?? {};
      const beacons = Object.entries(stored).filter(([name]) => /^aws_dbe_b_|^landJahr$/.test(name));
      return Object.fromEntries(beacons.map(([name, value]) => [name, value.SS === undefined ? value : { SS: value.SS.toSorted() }]));
    };
    for (const number of numbers) {
      expect(beaconsOf(`ours ${number}`)).toEqual(beaconsOf(`java ${number}`));
      expect(Object.keys(beaconsOf(`ours ${number}`)).length).toBeGreaterThan(12);
    }
  });
});

describe("tenants with a beacon key each, written by Java and by us", () => {
  let sides: ReturnType<typeof sidesOf>;

  beforeAll(async () => {
    for (const tenant of ["acme", "globex"]) await newKey(tenant);
    const config = {
      logicalTableName: "tenants",
      partitionKeyName: "pk",
      algorithmSuiteId: "0x6700",
      attributeActionsOnEncrypt: {
        pk: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
        tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
        x: "ENCRYPT_AND_SIGN",
      },
      keyring: keyring({ branchKeyIdSupplier: { attribute: "tenant", map: { acme: "acme", globex: "globex" } }, keyStore: javaKeyStore() }),
      search: {
        versions: [{ standardBeacons: [{ name: "x", length: 24 }], keySource: { multi: { keyFieldName: "tenant", cacheTTL: 600 } } }],
      },
    } as unknown as JavaSearchConfig;
    await createTable("tenants", ["aws_dbe_b_x"]);
    sides = sidesOf("tenants", config, undefined);
    for (const [writer, side] of Object.entries(sides)) {
      for (const tenant of ["acme", "globex"]) await side.put({ pk: S(`${writer} ${tenant}`), tenant: S(tenant), x: S("x1") });
    }
  });

  it.each(["acme", "globex"])("each finds the items of %s, and no others", async (tenant) => {
    const expected = [`java ${tenant}`, `ours ${tenant}`];
    const asked: Request[] = [
      { filter: `#x = :x AND #tenant = :${tenant}` },
      { index: "by-aws_dbe_b_x", key: "#x = :x", filter: `#tenant = :${tenant}` },
    ];
    for (const request of asked) {
      expect(await sides.ours.find(request)).toEqual(expected);
      expect(await sides.java.find(request)).toEqual(expected);
    }
  });

  it("equal values of two tenants have different beacons", async () => {
    const { Items = [] } = await plain.send(new ScanCommand({ TableName: "tenants" }));
    const beacons = new Map(Items.map((stored) => [stored["pk"]?.S, stored["aws_dbe_b_x"]?.S]));
    expect(beacons.get("ours acme")).toBe(beacons.get("java acme"));
    expect(beacons.get("ours globex")).toBe(beacons.get("java globex"));
    expect(beacons.get("ours acme")).not.toBe(beacons.get("ours globex"));
  });

  it("neither knows whose items are meant where no tenant is named", async () => {
    await expect(sides.ours.find({ filter: "#x = :x" })).rejects.toMatchObject({ code: "ERR_BEACON_KEY_UNKNOWN" });
    await expect(sides.java.find({ filter: "#x = :x" })).rejects.toThrow();
  });
});

async function newKey(name: string): Promise<string> {
  const branchKeyId = name === "single" ? randomUUID() : name;
  await keyStore.createKey({ branchKeyId, encryptionContext: { tenant: name } });
  return branchKeyId;
}
