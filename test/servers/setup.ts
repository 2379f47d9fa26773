import type { TestProject } from "vitest/node";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Endpoint of the DynamoDB Local that serves the whole run. */
    dynamoDbEndpoint: string;
  }
}

/** One DynamoDB Local for the run; test files keep apart by table names or access keys of their own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startDynamoDbLocal();
  project.provide("dynamoDbEndpoint", server.endpoint);
  return () => server.stop();
}
