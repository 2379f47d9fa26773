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

export async function startClientServer(intercept?: NonNullable<RecordingProxyOptions["intercept"]>): Promise<ClientServer> {
  const server = await startLocalGlobalTable({ regions: ["us-east-1"] });
  const config = server.clientConfig("us-east-1");
  const plain = new DynamoDBClient(config);
  await createClientTables(plain);
  const proxy = await startRecordingProxy({ endpoint: server.endpoint, ...(intercept === undefined ? {} : { intercept }) });
  return {
    proxy,
    config: { ...config, endpoint: proxy.endpoint },
    plain,
    stop: async () => {
      plain.destroy();
      await proxy.stop();
      await server.stop();
    },
  };
}
