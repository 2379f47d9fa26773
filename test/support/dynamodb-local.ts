import { createInterface } from "node:readline";
import { startJava } from "./java-process.ts";

/** A DynamoDB Local that a test started. */
export interface DynamoDbLocal {
  /** `http://127.0.0.1:<port>`. Each pair of access key and Region has tables of its own, held in memory. */
  readonly endpoint: string;
  /** Ends the server and forgets its tables. */
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB Local 2.6.1 on a free port of 127.0.0.1, in memory, and waits until it answers.
 * Needs Java 17 and, beforehand, `interop/prepare.sh dynamodb-local` (`npm run test:servers` runs it).
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const server = startJava({ project: "dynamodb-local", jar: "launcher.jar", mainClass: "dev.dynaseal.dynamodblocal.Main" });
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.child.stdout }).once("line", resolve);
    server.ended.then((reason) => reject(new Error(reason)));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  // Any answer will do: an unsigned request is refused, and that says that the server is up.
  await (await fetch(endpoint, { method: "POST" })).arrayBuffer();
  return { endpoint, stop: server.stop };
}
