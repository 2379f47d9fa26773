/**
 * A partner outside AWS writes items that only their owner can read. The partner holds a public key and nothing else; it
 * cannot read what it wrote. Everyone who has the public key can write: the signature says that an item is whole, not
 * who made it. Asymmetric KMS keys work with the HMAC suite only (KMS RSA) because the writer signs nothing.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { awsKmsRsaKeyring, defineTable, encryptedClient, isDynasealError, rawRsaKeyring } from "../src/index.ts";
import { startLocalGlobalTable, startLocalKms } from "../src/testing/index.ts";

const region = "eu-west-1";
const claims = defineTable({
  tableName: "claims",
  partitionKey: "claimId",
  attributes: { patient: "ENCRYPT_AND_SIGN", diagnosis: "ENCRYPT_AND_SIGN", status: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
});

const kms = await startLocalKms({ regions: [region] });
const key = [{ AttributeName: "claimId", KeyType: "HASH" as const }];
const definitions = [{ AttributeName: "claimId", AttributeType: "S" as const }];
const tables = await startLocalGlobalTable({
  regions: [region],
  tables: [{ TableName: "claims", KeySchema: key, AttributeDefinitions: definitions }],
});
const base = (): DynamoDBDocumentClient => DynamoDBDocumentClient.from(new DynamoDBClient(tables.clientConfig(region)));

// The owner makes an RSA key in KMS and hands out its public half.
const { arn } = await kms.createKey({ region, keySpec: "RSA_2048", keyUsage: "ENCRYPT_DECRYPT" });
const owner = new KMSClient(kms.clientConfig(region));
const { PublicKey = new Uint8Array() } = await owner.send(new GetPublicKeyCommand({ KeyId: arn }));
const publicKey = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(PublicKey).toString("base64")}\n-----END PUBLIC KEY-----\n`;

// The partner: no AWS KMS access, the public key in its configuration.
const partner = encryptedClient(base(), {
  schemas: [claims],
  keyring: awsKmsRsaKeyring({
    keyId: arn,
    publicKey,
    encryptionAlgorithm: "RSAES_OAEP_SHA_256",
    client: new KMSClient({ region, endpoint: "http://127.0.0.1:9" }),
  }),
  role: "writer",
});
await partner.send(new PutCommand({ TableName: "claims", Item: { claimId: "7", patient: "Ada", diagnosis: "none", status: "new" } }));

// The owner reads through KMS.
const reader = encryptedClient(base(), {
  schemas: [claims],
  keyring: awsKmsRsaKeyring({ keyId: arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256", client: owner }),
});
const { Item } = await reader.send(new GetCommand({ TableName: "claims", Key: { claimId: "7" } }));

// With the public key alone there is nothing to read with.
const curious = encryptedClient(base(), {
  schemas: [claims],
  keyring: rawRsaKeyring({ keyNamespace: "partner", keyName: "public", padding: "OAEP_SHA256_MGF1", publicKey }),
});
const refusal = await curious.send(new GetCommand({ TableName: "claims", Key: { claimId: "7" } })).catch((error: unknown) => error);

console.log(`the owner reads: ${String(Item?.["patient"])}`);
console.log(`the partner is refused: ${isDynasealError(refusal) ? refusal.code : String(refusal)}`);
await Promise.all([kms.stop(), tables.stop()]);
if (Item?.["patient"] !== "Ada" || !isDynasealError(refusal)) process.exitCode = 1;
