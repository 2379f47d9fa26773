import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type TableJob, type TableJobName, type TableJobOptions, tableJob } from "../../src/jobs/index.ts";
import { awsKmsMrkKeyring, multiKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const [near, far] = ["eu-west-1", "us-east-1"] as const;
const schema = defineTable({
  tableName: "people",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", home: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
});
const plain = (id: string, home: string): PutItemCommand =>
  new PutItemCommand({ TableName: "people", Item: { id: { S: id }, email: { S: `${id}@b.c` }, home: { S: home } } });

let kms: LocalKms;
let tables: LocalGlobalTable;
let oldKey: string;

beforeAll(async () => {
  [kms, tables] = await Promise.all([
    startLocalKms({ regions: [near, far] }),
    startLocalGlobalTable({
      regions: [near, far],
      tables: [
        {
          TableName: "people",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        },
      ],
    }),
  ]);
  oldKey = await newKey([near, far]);
});
afterAll(async () => {
  await Promise.all([kms.stop(), tables.stop()]);
});

async function newKey(regions: readonly string[]): Promise<string> {
  const { arn } = await kms.createKey({ region: near, multiRegion: true });
  for (const replicaRegion of regions) if (replicaRegion !== near) await kms.replicateKey({ keyId: arn, replicaRegion });
  return arn;
}

const keyringOf = (keyId: string): ReturnType<typeof awsKmsMrkKeyring> =>
  awsKmsMrkKeyring({ keyId, clientSupplier: (region) => new KMSClient(kms.clientConfig(region)) });
const clientOf = (region: string): DynamoDBClient => new DynamoDBClient(tables.clientConfig(region));
const jobOf = (job: TableJobName, options: Partial<TableJobOptions> = {}): TableJob =>
  tableJob({ job, client: clientOf(near), schema, keyring: keyringOf(oldKey), ...options });
const asked = { allWritersInThisRegion: true, noBackup: true, clientFor: clientOf } as const;
const rotation = (newKeyArn: string): Partial<TableJobOptions> => ({
  keyring: multiKeyring({ generator: keyringOf(newKeyArn), decryptOnly: [keyringOf(oldKey)] }),
});

describe("the new key of re-encrypt", () => {
  it("is not tried in a table without encrypted items, and is once there is one", async () => {
    const options = rotation(await newKey([near, far]));
    expect(await jobOf("re-encrypt", options).preFlight(asked)).toMatchObject({ regions: [near, far], keyTried: false });
    await encryptedClient(clientOf(near), { schemas: [schema], keyring: keyringOf(oldKey) }).send(plain("a", near));
    expect(await jobOf("re-encrypt", options).preFlight(asked)).toMatchObject({ keyTried: true });
  });

  it("has to be usable in every Region of the table, and nothing was written where it is not", async () => {
    const before = await clientOf(near).send(new ScanCommand({ TableName: "people" }));
    const job = jobOf("re-encrypt", rotation(await newKey([near])));
    await expect(job.preFlight(asked)).rejects.toMatchObject({
      code: "ERR_JOB_REFUSED",
      details: { job: "re-encrypt", reason: expect.stringContaining(`cannot be read in ${far}`) },
    });
    expect((await clientOf(near).send(new ScanCommand({ TableName: "people" }))).Items).toEqual(before.Items);
  });
});

describe("a Global Table", () => {
  it("is refused to a job until its writers are known, and until every Region has point-in-time recovery", async () => {
    const job = jobOf("encrypt");
    await expect(job.preFlight({ clientFor: clientOf })).rejects.toMatchObject({
      code: "ERR_JOB_REFUSED",
      details: { reason: expect.stringContaining("arrived yet") },
    });
    const enable = new UpdateContinuousBackupsCommand({
      TableName: "people",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
    });
    const { noBackup: _, ...careful } = asked;
    await clientOf(near).send(enable);
    await expect(job.preFlight(careful)).rejects.toMatchObject({ details: { reason: `point-in-time recovery is off in ${far}` } });
    await clientOf(far).send(enable);
    expect(await job.preFlight(careful)).toMatchObject({ recoverableDays: { [near]: 7, [far]: 7 } });
  });

  it("with a home for each item is written by a job of that Region only", async () => {
    for (const [id, home] of [
      ["here", near],
      ["there", far],
    ] as const) {
      await clientOf(near).send(plain(id, home));
    }
    const job = jobOf("encrypt", { homeRegionAttribute: "home" });
    await job.preFlight({ noBackup: true, clientFor: clientOf });
    const { counts } = await job.page({ segment: 0, totalSegments: 1 });
    expect(counts).toMatchObject({ read: 3, plain: 2, written: 1, elsewhere: 1, current: 1 });
    const { Items = [] } = await clientOf(near).send(new ScanCommand({ TableName: "people" }));
    const stillPlain = Items.filter((item) => !Object.hasOwn(item, "aws_dbe_head")).map(({ id }) => id?.S);
    expect(stillPlain).toEqual(["there"]);
  });

  it("loses a write of another Region that is still on its way, if it is forced, and none if items have a home", async () => {
    const writing = {
      schemas: [{ ...schema, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" as const }],
      keyring: keyringOf(oldKey),
    };
    const service = (region: string): DynamoDBClient => encryptedClient(clientOf(region), { ...writing, acknowledgePlaintext: true });
    const setEmail = (id: string): UpdateItemCommand =>
      new UpdateItemCommand({
        TableName: "people",
        Key: { id: { S: id } },
        UpdateExpression: "SET email = :e",
        ExpressionAttributeValues: { ":e": { S: "acknowledged in the other Region" } },
      });
    const emailOf = async (id: string): Promise<string | undefined> => {
      const { Item } = await service(near).send(new GetItemCommand({ TableName: "people", Key: { id: { S: id } } }));
      return Item?.["email"]?.S;
    };
    for (const [id, homed] of [
      ["forced", false],
      ["homed", true],
    ] as const) {
      await clientOf(near).send(plain(id, far));
      await tables.settled();
      tables.pause();
      await service(far).send(setEmail(id));
      const job = jobOf("encrypt", homed ? { homeRegionAttribute: "home" } : {});
      await job.preFlight({ noBackup: true, clientFor: clientOf, ...(!homed && { allWritersInThisRegion: true }) });
      await job.page({ segment: 0, totalSegments: 1 });
      tables.resume();
      await tables.settled();
    }
    expect(await emailOf("forced")).toBe("forced@b.c");
    expect(await emailOf("homed")).toBe("acknowledged in the other Region");
  });
});
