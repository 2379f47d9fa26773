import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  type JobCheckpoints,
  type TableJob,
  type TableJobHandlerOptions,
  tableCheckpoints,
  tableJob,
  tableJobHandler,
} from "../../src/jobs/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const region = "eu-west-1";
const checkpointTable = "table-job-checkpoints";
const schema = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  attributes: { email: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});

/** A part of every key: it must show up in no history, log or answer. */
export const canary = "canary-7f3a";

/** Local KMS and tables, a table for checkpoints, and the function of `examples/table-job`. */
export interface TableJobFixture {
  readonly client: DynamoDBClient;
  /** A new table with so many plain items. */
  newTable(items: number): Promise<string>;
  plainItems(table: string): Promise<number>;
  /** The job that encrypts a table. */
  jobOn(table: string): TableJob;
  checkpoints(run: string): JobCheckpoints;
  handlerOf(job: TableJob, more?: Partial<TableJobHandlerOptions>): ReturnType<typeof tableJobHandler>;
  stop(): Promise<void>;
}

export async function startTableJobFixture(): Promise<TableJobFixture> {
  const [kms, tables] = await Promise.all([startLocalKms({ regions: [region] }), startLocalGlobalTable({ regions: [region] })]);
  const client = new DynamoDBClient(tables.clientConfig(region));
  const { arn: keyId } = await kms.createKey({ region, multiRegion: true });
  await client.send(
    new CreateTableCommand({
      TableName: checkpointTable,
      KeySchema: [
        { AttributeName: "run", KeyType: "HASH" },
        { AttributeName: "segment", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "run", AttributeType: "S" },
        { AttributeName: "segment", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  let made = 0;
  const checkpoints = (run: string): JobCheckpoints => tableCheckpoints({ client, checkpointTable, run });
  return {
    client,
    checkpoints,
    async newTable(items) {
      made++;
      const TableName = `customers-${made}`;
      await client.send(
        new CreateTableCommand({
          TableName,
          KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
          BillingMode: "PAY_PER_REQUEST",
        }),
      );
      for (let index = 0; index < items; index++) {
        const Item = { customerId: { S: `${canary}-${index}` }, email: { S: `${index}@example.com` } };
        await client.send(new PutItemCommand({ TableName, Item }));
      }
      return TableName;
    },
    async plainItems(TableName) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      return Items.filter((item) => !Object.hasOwn(item, "aws_dbe_head")).length;
    },
    jobOn(physicalTable) {
      const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: (one) => new KMSClient(kms.clientConfig(one)) });
      return tableJob({ job: "encrypt", client, schema, keyring, physicalTable });
    },
    handlerOf: (job, more = {}) => tableJobHandler({ job, checkpoints, preFlight: { noBackup: true }, pageSize: 3, ...more }),
    async stop() {
      client.destroy();
      await Promise.all([kms.stop(), tables.stop()]);
    },
  };
}
