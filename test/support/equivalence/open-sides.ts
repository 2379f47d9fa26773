import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { encryptedClient } from "../../../src/client/index.ts";
import { itemEncryptor } from "../../../src/item/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import type { Sides } from "./check-equivalence.ts";
import { logicalName, type TableModel } from "./random-tables.ts";
import { sideOf } from "./sides.ts";
import { plainComplaints, rowComplaints } from "./stored-rows.ts";
import { PhysicalTables } from "./tables.ts";

/** The server of a run: what opens two tables for each scenario. */
export interface EquivalenceServer {
  /** A plain table and an encrypted one. */
  openEncrypted(model: TableModel): Promise<Sides>;
  /** Two plain tables; `wrap` may spoil the second one's client, so that the comparison has something to find. */
  openPlain(model: TableModel, wrap?: (client: DynamoDBClient) => DynamoDBClient): Promise<Sides>;
  readonly config: DynamoDBClientConfig;
  stop(): void;
}

const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "equivalence", wrappingKey: new Uint8Array(32).fill(5) });

export function equivalenceServer(endpoint: string): EquivalenceServer {
  const credentials = { accessKeyId: "equivalence", secretAccessKey: "equivalence" };
  const config = { endpoint, region: "us-east-1", credentials };
  const client = new DynamoDBClient(config);
  const tables = new PhysicalTables(client);
  const referenceOf = (shape: TableModel): Promise<string> => tables.empty({ role: "reference", shape, partProjection: "ALL" });

  return {
    async openEncrypted(model) {
      const [referenceName, subjectName] = await Promise.all([
        referenceOf(model),
        tables.empty({ role: "subject", shape: model, partProjection: model.partProjection }),
      ]);
      const encrypted = encryptedClient(client, {
        schemas: [model.schema],
        keyring,
        tableNames: { [logicalName]: subjectName },
        filterAfterDecrypt: true,
        verifyConditions: model.verifyConditions,
        indexes: { byGroup: "fetch" },
      });
      const encryptor = itemEncryptor({ schema: model.schema, keyring });
      return {
        reference: sideOf(referenceName, client),
        subject: sideOf(subjectName, encrypted),
        encrypted: true,
        complaints: async () => {
          const [plain, stored] = await Promise.all([tables.rows(referenceName), tables.rows(subjectName)]);
          return rowComplaints({ model, plain, stored, encryptor });
        },
      };
    },
    async openPlain(model, wrap = (same) => same) {
      const [referenceName, subjectName] = await Promise.all([
        referenceOf(model),
        tables.empty({ role: "subject", shape: model, partProjection: "ALL" }),
      ]);
      return {
        reference: sideOf(referenceName, client),
        subject: sideOf(subjectName, wrap(client)),
        encrypted: false,
        complaints: async () => plainComplaints(await tables.rows(referenceName), await tables.rows(subjectName)),
      };
    },
    config,
    stop: () => client.destroy(),
  };
}
