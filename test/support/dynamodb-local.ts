import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endChild } from "./child.ts";

/** A DynamoDB Local that a test started. */
export interface DynamoDbLocal {
  /** `http://127.0.0.1:<port>`. Each pair of access key and Region has tables of its own, held in memory. */
  readonly endpoint: string;
  /** Ends the server and forgets its tables. */
  stop(): Promise<void>;
}

const target: string = fileURLToPath(new URL("../../interop/dynamodb-local/target/", import.meta.url));

/**
 * Starts DynamoDB Local 2.6.1 on a free port of 127.0.0.1, in memory, and waits until it answers.
 * Needs Java 17 and, beforehand, `interop/prepare.sh dynamodb-local` (`npm run test:servers` runs it).
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  if (!existsSync(`${target}prepared`)) throw new Error("DynamoDB Local is not there yet: run interop/prepare.sh dynamodb-local");
  const child = spawn(
    "java",
    [`-Djava.library.path=${target}lib`, "-cp", `${target}launcher.jar:${target}lib/*`, "dev.dynaseal.dynamodblocal.Main"],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`DynamoDB Local ended with ${code}: ${errors}`)));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  // Any answer will do: an unsigned request is refused, and that says that the server is up.
  await (await fetch(endpoint, { method: "POST" })).arrayBuffer();
  return { endpoint, stop: () => endChild(child) };
}
