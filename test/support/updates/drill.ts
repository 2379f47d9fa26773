import { DynamoDBClient, type DynamoDBClientConfig, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { EncryptedClientOptions } from "../../../src/client/index.ts";
import { type FaultProxy, type PlannedFault, type ProxiedRequest, pass, startFaultProxy } from "./fault-proxy.ts";
import { clientConfig, createItemsTable, encryptedItems, itemsTable, keyOf } from "./items-table.ts";

/** DynamoDB Local behind a proxy that does to each request what a test has planned for it. */
export interface Drill {
  /** For processes of their own. */
  readonly proxyEndpoint: string;
  /** Past the proxy, and encrypted as all others. */
  readonly direct: DynamoDBClient;
  /** Past the proxy, and plain. */
  readonly plain: DynamoDBClient;
  /** An encrypted client through the proxy. */
  connect(config?: Partial<DynamoDBClientConfig>, options?: Partial<EncryptedClientOptions>): DynamoDBClient;
  /** What becomes of the next requests of an operation, in their order; those after them pass. */
  plan(operation: string, ...faults: readonly PlannedFault[]): void;
  /** The operations that came since the plans were made. */
  readonly came: readonly string[];
  /** Forgets the plans. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startDrill(endpoint: string, account: string): Promise<Drill> {
  const plans = new Map<string, PlannedFault[]>();
  const came: string[] = [];
  const proxy: FaultProxy = await startFaultProxy({
    endpoint,
    fault: ({ operation }: ProxiedRequest) => {
      came.push(operation);
      return plans.get(operation)?.shift() ?? pass;
    },
  });
  const plain = new DynamoDBClient(clientConfig(endpoint, account));
  await createItemsTable(plain);
  const clients: DynamoDBClient[] = [plain];
  return {
    proxyEndpoint: proxy.endpoint,
    direct: encryptedItems(plain),
    plain,
    connect: (config = {}, options = {}) => {
      const client = new DynamoDBClient({ ...clientConfig(proxy.endpoint, account), ...config });
      clients.push(client);
      return encryptedItems(client, options);
    },
    plan: (operation, ...faults) => void plans.set(operation, [...faults]),
    came,
    reset: () => {
      plans.clear();
      came.length = 0;
    },
    stop: async () => {
      for (const client of clients) client.destroy();
      await proxy.stop();
    },
  };
}

/** An item whose counters stand at 5. */
export async function putFive(client: DynamoDBClient, id: string): Promise<void> {
  const Item = { ...keyOf(id), count: { N: "5" }, open: { N: "5" }, last: { S: "put" }, log: { L: [] }, label: { S: "signed" } };
  await client.send(new PutItemCommand({ TableName: itemsTable, Item }));
}
