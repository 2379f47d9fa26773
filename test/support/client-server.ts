import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { startLocalGlobalTable } from "../../src/testing/index.ts";
import { createClientTables } from "./client-tables.ts";
import { type RecordingProxy, type RecordingProxyOptions, startRecordingProxy } from "./recording-proxy.ts";

/** The tables of the client's tests on a server in this process, behind a proxy that notes every request. */
export interface ClientServer {
  readonly proxy: RecordingProxy;
  /** A configuration for the proxy. */
  readonly config: DynamoDBClientConfig;
  /** A client past the proxy that nothing encrypts. */
  readonly plain: DynamoDBClient;
  stop(): Promise<void>;
}

type Intercept = NonNullable<RecordingProxyOptions["intercept"]>;

export async function startClientServer(intercept?: Intercept): Promise<ClientServer> {
  const server = await startLocalGlobalTable({ regions: ["us-east-1"] });
  const proxied = await proxiedClientServer({ ...server.clientConfig("us-east-1"), endpoint: server.endpoint }, intercept);
  return {
    ...proxied,
    stop: async () => {
      await proxied.stop();
      await server.stop();
    },
  };
}

/** The same over a server that runs already. */
export async function proxiedClientServer(
  config: DynamoDBClientConfig & { readonly endpoint: string },
  intercept?: Intercept,
): Promise<ClientServer> {
  const plain = new DynamoDBClient(config);
  await createClientTables(plain);
  const proxy = await startRecordingProxy({ endpoint: config.endpoint, ...(intercept === undefined ? {} : { intercept }) });
  return {
    proxy,
    config: { ...config, endpoint: proxy.endpoint },
    plain,
    stop: async () => {
      plain.destroy();
      await proxy.stop();
    },
  };
}
