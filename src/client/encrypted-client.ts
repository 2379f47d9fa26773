import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { clientSettings, type EncryptedClientOptions } from "./client-options.ts";
import { OuterRequestHandler } from "./outer-request-handler.ts";
import { outerStack } from "./outer-stack.ts";
import { operationRunner } from "./run-operation.ts";
import { probeSdk, type SdkClient } from "./sdk-anchors.ts";

/** Marks the configuration of an encrypted client, also for other copies of this package. */
const wrapped: unique symbol = Symbol.for("dynaseal.client") as never;

/**
 * A client of the same class that encrypts what it writes and decrypts what it reads, as the schemas of its tables say.
 *
 * The application goes on with plain items. What leaves the process is encrypted: the client that was given sends it,
 * with its configuration, retries and middleware, and may still be used by itself. Middleware that is to see HTTP
 * requests belongs on that client; middleware added to the encrypted client sees plaintext.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
 * import { awsKmsMrkKeyring, defineTable, encryptedClient } from "dynaseal";
 *
 * const customers = defineTable({
 *   tableName: "customers",
 *   partitionKey: "customerId",
 *   attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
 *   algorithmSuite: "HMAC",
 * });
 * const documents = encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient({})), {
 *   schemas: [customers],
 *   tableNames: { customers: "customers-prod-7" },
 *   keyring: awsKmsMrkKeyring({ keyId: "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" }),
 * });
 * await documents.send(new PutCommand({ TableName: "customers-prod-7", Item: { customerId: "c1", email: "ann@example.com", tier: "gold" } }));
 * ```
 *
 * @param client a `DynamoDBClient`, `DynamoDB`, `DynamoDBDocumentClient` or `DynamoDBDocument` of the AWS SDK for
 *   JavaScript v3, 3.928 or newer
 * @throws ERR_SDK_UNSUPPORTED, ERR_CLIENT_ALREADY_WRAPPED, ERR_INVALID_ARGUMENT, ERR_OPTION_UNKNOWN,
 *   ERR_TABLE_CONFIGURED_TWICE, ERR_SCHEMA_INVALID, ERR_PLAINTEXT_NOT_ACKNOWLEDGED, ERR_BEACON_KEYS_NOT_CONFIGURED
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Overview", "DynamoDB Encryption Client Configuration"
 */
export function encryptedClient<Client extends SdkClient>(client: Client, options: EncryptedClientOptions): Client {
  probeSdk(client);
  if (wrapped in client.config) throw new DynasealError("ERR_CLIENT_ALREADY_WRAPPED", { details: {} });
  // The document client sends low-level commands as they are: it shares configuration and steps with the client below.
  const inner = client as unknown as DynamoDBClient;
  const run = operationRunner(inner, clientSettings(options));
  // Methods come from the class. The given object itself is no prototype: what somebody patched onto it, or kept in it,
  // would reach the service past encryption.
  return Object.create(Object.getPrototypeOf(client), {
    config: { value: outerConfig(inner), enumerable: true, writable: true },
    middlewareStack: { value: outerStack(run), enumerable: true },
  }) as Client;
}

/**
 * A copy, since the SDK spreads configurations; accessors (credentials) stay accessors of the one below. What is set
 * on it afterwards concerns this client only.
 */
function outerConfig(inner: DynamoDBClient): object {
  const requestHandler = new OuterRequestHandler({ inner: () => inner.config.requestHandler, destroy: () => inner.destroy() });
  return Object.create(Object.getPrototypeOf(inner.config), {
    ...Object.getOwnPropertyDescriptors(inner.config),
    requestHandler: { get: () => requestHandler, set: () => refuseAssignment("requestHandler"), enumerable: true },
    // A handler that the SDK keeps by command class would belong to the client below.
    cacheMiddleware: { value: false, enumerable: true },
    [wrapped]: { value: true },
  });
}

/** With another handler in this place a request would leave as it is. */
function refuseAssignment(property: string): never {
  throw new DynasealError("ERR_CONFIG_NOT_ASSIGNABLE", { details: { property } });
}
