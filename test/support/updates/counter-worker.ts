import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { addToCounters, type CounterTask } from "./counters.ts";

// A process of writers: its task is the argument. It says when it is ready, begins at the first input, and prints its report.
const task = JSON.parse(process.argv[2] ?? "{}") as CounterTask;
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
process.stdout.write(`${JSON.stringify(await addToCounters(task, (config) => new DynamoDBClient(config)))}\n`);
