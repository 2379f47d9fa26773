import { randomUUID } from "node:crypto";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { startLocalGlobalTable } from "../../../src/testing/index.ts";

/** A server for suites of reads. */
export interface ReadServer {
  readonly config: DynamoDBClientConfig & { readonly endpoint: string };
  stop(): Promise<void>;
}

/** In this process. */
export async function inProcess(): Promise<ReadServer> {
  const server = await startLocalGlobalTable({ regions: ["us-east-1"] });
  return { config: { ...server.clientConfig("us-east-1"), endpoint: server.endpoint }, stop: () => server.stop() };
}

/** A DynamoDB Local that runs already; each pair of access key and Region has tables of its own there. */
export async function onDynamoDbLocal(endpoint: string): Promise<ReadServer> {
  const accessKeyId = randomUUID().replaceAll("-", "");
  const config = { endpoint, region: "us-east-1", credentials: { accessKeyId, secretAccessKey: "none" } };
  return { config, stop: async () => undefined };
}
