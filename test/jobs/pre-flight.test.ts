import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ScanCommand,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { type PreFlightOptions, type PreFlightReport, type TableJobName, type TableJobOptions, tableJob } from "../../src/jobs/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "jobs", wrappingKey: new Uint8Array(32) });
const schema = defineTable({
  tableName: "people",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", expiresAt: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY", visits: "DO_NOTHING" },
  algorithmSuite: "HMAC",
});

interface Account {
  readonly table?: Partial<TableDescription>;
  readonly timeToLive?: { readonly AttributeName?: string; readonly TimeToLiveStatus?: "ENABLED" | "DISABLED" };
  /** By Region: days, or off. */
  readonly recovery?: Readonly<Record<string, number>>;
  /** Operations that the server does not know. */
  readonly unknown?: boolean;
}

function clientOf(region: string, { table, timeToLive, recovery = { "eu-west-1": 35 }, unknown = false }: Account): DynamoDBClient {
  const client = new DynamoDBClient({ region, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const mock = mockClient(client);
  const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
  mock.on(DescribeTableCommand).resolves({ Table: { KeySchema, ItemCount: 7, ...table } });
  mock.on(DescribeTimeToLiveCommand).resolves({ TimeToLiveDescription: { ...timeToLive } });
  const days = recovery[region];
  mock.on(DescribeContinuousBackupsCommand).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription:
        days === undefined
          ? { PointInTimeRecoveryStatus: "DISABLED" }
          : { PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: days },
    },
  });
  mock.on(ScanCommand).resolves({ Items: [] });
  if (unknown) {
    const error = Object.assign(new Error("An unknown operation was requested."), { name: "UnknownOperationException" });
    for (const command of [DescribeTimeToLiveCommand, DescribeContinuousBackupsCommand]) mock.on(command as never).rejects(error);
  }
  return client;
}

interface Start {
  readonly job?: TableJobName;
  readonly options?: PreFlightOptions;
  readonly jobOptions?: Partial<TableJobOptions>;
}

function start(account: Account, { job = "encrypt", options, jobOptions }: Start = {}): Promise<PreFlightReport> {
  const client = clientOf("eu-west-1", account);
  return tableJob({ job, client, schema, keyring, ...jobOptions }).preFlight({
    clientFor: (region) => clientOf(region, account),
    ...options,
  });
}

const index = (IndexName: string, AttributeName: string): NonNullable<TableDescription["GlobalSecondaryIndexes"]>[number] => ({
  IndexName,
  KeySchema: [{ AttributeName, KeyType: "HASH" }],
});
const replicas = { Replicas: [{ RegionName: "eu-west-1" }, { RegionName: "us-east-1" }] };
const everywhere = { "eu-west-1": 7, "us-east-1": 35 };

describe("preFlight", () => {
  it("describes a table that can be encrypted", async () => {
    const table = { GlobalSecondaryIndexes: [index("byTier", "tier"), index("byEmail", "aws_dbe_b_email")] };
    expect(await start({ table })).toMatchObject({
      itemCount: 7,
      indexes: 2,
      recoverableDays: { "eu-west-1": 35 },
      regions: ["eu-west-1"],
      streams: false,
    });
  });

  it.each<[string, Account, string]>([
    ["another key", { table: { KeySchema: [{ AttributeName: "key", KeyType: "HASH" }] } }, "key"],
    [
      "a sort key that the schema does not have",
      {
        table: {
          KeySchema: [
            { AttributeName: "id", KeyType: "HASH" },
            { AttributeName: "at", KeyType: "RANGE" },
          ],
        },
      },
      "at",
    ],
    ["an index on an attribute that becomes encrypted", { table: { GlobalSecondaryIndexes: [index("byEmail", "email")] } }, "email"],
    ["a local index on one", { table: { LocalSecondaryIndexes: [index("byEmail", "email")] } }, "email"],
    ["time to live on one", { timeToLive: { AttributeName: "expiresAt", TimeToLiveStatus: "ENABLED" } }, "expiresAt"],
  ])("refuses %s", async (_, account, attribute) => {
    await expect(start(account)).rejects.toMatchObject({ code: "ERR_TABLE_CONTRADICTS_SCHEMA", details: { attribute } });
  });

  it("refuses a beacon that an index holds as something else than text", async () => {
    const AttributeDefinitions = [{ AttributeName: "aws_dbe_b_email", AttributeType: "B" as const }];
    const table = { GlobalSecondaryIndexes: [index("byEmail", "aws_dbe_b_email")], AttributeDefinitions };
    await expect(start({ table })).rejects.toMatchObject({
      code: "ERR_TABLE_CONTRADICTS_SCHEMA",
      details: { attribute: "aws_dbe_b_email" },
    });
  });

  it("looks past a time to live that is off", async () => {
    const timeToLive = { AttributeName: "expiresAt", TimeToLiveStatus: "DISABLED" } as const;
    expect(await start({ timeToLive })).toMatchObject({ itemCount: 7 });
  });

  it.each<[string, Account, PreFlightOptions, string]>([
    [
      "an eventually consistent Global Table",
      { table: { ...replicas, MultiRegionConsistency: "EVENTUAL" }, recovery: everywhere },
      {},
      "arrived yet",
    ],
    ["one whose consistency the service does not name", { table: replicas, recovery: everywhere }, {}, "arrived yet"],
    ["a table without point-in-time recovery", { recovery: {} }, {}, "is off in eu-west-1"],
    ["one with it in its own Region only", { table: replicas }, { allWritersInThisRegion: true }, "is off in us-east-1"],
    ["a table of a server that does not know backups", { unknown: true }, {}, "does not know DescribeContinuousBackups"],
  ])("refuses to write %s", async (_, account, options, reason) => {
    for (const job of ["encrypt", "re-encrypt"] as const) {
      await expect(start(account, { options, job })).rejects.toMatchObject({
        code: "ERR_JOB_REFUSED",
        details: { job, reason: expect.stringContaining(reason) },
      });
    }
    await expect(start(account, { options, job: "count" })).resolves.toMatchObject({ itemCount: 7, recoverableDays: {} });
  });

  it.each<[string, Account, Start, Readonly<Record<string, number>>]>([
    ["writers in one Region", { table: replicas, recovery: everywhere }, { options: { allWritersInThisRegion: true } }, everywhere],
    ["strong consistency", { table: { ...replicas, MultiRegionConsistency: "STRONG" }, recovery: everywhere }, {}, everywhere],
    ["a home for each item", { table: replicas, recovery: everywhere }, { jobOptions: { homeRegionAttribute: "tier" } }, everywhere],
    ["no backup, as was said", { recovery: {} }, { options: { noBackup: true } }, {}],
    ["no backup on a server that does not know any", { unknown: true }, { options: { noBackup: true } }, {}],
  ])("starts with %s", async (_, account, begin, recoverableDays) => {
    expect(await start(account, begin)).toMatchObject({ recoverableDays });
  });

  it.each(["email", "visits", "nobody"])("refuses %s as the home of an item, which no guard holds readable", (homeRegionAttribute) => {
    const client = clientOf("eu-west-1", {});
    expect(() => tableJob({ job: "encrypt", client, schema, keyring, homeRegionAttribute })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
  });
});
