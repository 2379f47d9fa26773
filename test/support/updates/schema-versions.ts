import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import type { CryptoAction } from "../../../src/schema/index.ts";
import type { PeerConfig } from "../java-peer.ts";
import { clientConfig } from "./items-table.ts";

/** Services with these versions of one schema share a table, as during every rollout. */
export const versions = ["v1", "v2", "v3"] as const;
export type Version = (typeof versions)[number];

export const rollingTable = "profiles";
/** The same in every version: the format lets no attribute become signed or unsigned. */
export const unsignedNames: ReadonlySet<string> = new Set(["visits"]);

interface VersionPlan {
  readonly actions: Readonly<Record<string, CryptoAction>>;
  /** In the format of the vectors. */
  readonly suite: "0x6700" | "0x6701";
}

const common = { name: "ENCRYPT_AND_SIGN", count: "ENCRYPT_AND_SIGN", writer: "SIGN_ONLY", visits: "DO_NOTHING" } as const;

const plans: Readonly<Record<Version, VersionPlan>> = {
  /** Names `fax`, which nobody does after it. */
  v1: { actions: { ...common, tier: "SIGN_ONLY", tenant: "SIGN_ONLY", fax: "SIGN_ONLY" }, suite: "0x6700" },
  /** Encrypts `tier`; names `phone` and `note`, which the first does not. */
  v2: {
    actions: { ...common, tier: "ENCRYPT_AND_SIGN", tenant: "SIGN_ONLY", phone: "ENCRYPT_AND_SIGN", note: "SIGN_ONLY" },
    suite: "0x6700",
  },
  /** As the second, in the second format and under the other suite. */
  v3: {
    actions: {
      ...{ ...common, tier: "ENCRYPT_AND_SIGN", phone: "ENCRYPT_AND_SIGN", note: "SIGN_ONLY" },
      tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
    },
    suite: "0x6701",
  },
};

const wrappingKey = new Uint8Array(32).fill(9);
const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "rolling", wrappingKey });

/** Our client with one version. The first covers only what it names, the others everything. */
export function versionClient(version: Version, base: DynamoDBClient): DynamoDBClient {
  const { actions, suite } = plans[version];
  const schema = {
    tableName: rollingTable,
    partitionKey: "id",
    attributes: actions,
    algorithmSuite: suite === "0x6700" ? "HMAC" : "ECDSA",
    ...(version === "v1" ? {} : { otherAttributes: "ENCRYPT_AND_SIGN" }),
  };
  return encryptedClient(base, { schemas: [schema], keyring });
}

/** Java's configuration of one version. */
export function versionConfig(version: Version): PeerConfig {
  const { actions, suite } = plans[version];
  const id = version === "v3" ? "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" : "SIGN_ONLY";
  return {
    logicalTableName: rollingTable,
    partitionKeyName: "id",
    algorithmSuiteId: suite,
    attributeActionsOnEncrypt: { id, ...actions },
    allowedUnsignedAttributes: [...unsignedNames],
    keyring: { type: "raw-aes", keyNamespace: "test", keyName: "rolling", wrappingKey: Buffer.from(wrappingKey).toString("base64") },
  };
}

/** Attributes that a version names. */
export function namesOf(version: Version): ReadonlySet<string> {
  return new Set(["id", ...Object.keys(plans[version].actions)]);
}

export function plainClient(endpoint: string, account: string): DynamoDBClient {
  return new DynamoDBClient(clientConfig(endpoint, account));
}

/** The table with a stream that shows every write. @returns the stream's ARN */
export async function createRollingTable(client: DynamoDBClient): Promise<string> {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: rollingTable,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  const arn = TableDescription?.LatestStreamArn;
  if (arn === undefined) throw new Error("the table has no stream");
  return arn;
}
