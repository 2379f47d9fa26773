import { type DynamoDBClient, type DynamoDBClientConfig, UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { isDynasealError } from "../../../src/errors/index.ts";
import { clientConfig, encryptedItems, itemsTable, keyOf } from "./items-table.ts";

/** What one process does to the counters of one item. */
export interface CounterTask {
  readonly endpoint: string;
  readonly account: string;
  readonly id: string;
  /** Encrypted clients, which share no queue; writers take them in turn. */
  readonly clients: number;
  readonly writers: number;
  /** How often each writer adds one to both counters. */
  readonly updatesEach: number;
  /** How often each writer adds one to the unsigned counter only. */
  readonly nativeEach: number;
}

export interface CounterReport {
  /** Updates of both counters that were answered as done. */
  readonly done: number;
  readonly nativeDone: number;
  /** How often an update ended with ERR_UPDATE_CONTENDED, and was repeated. */
  readonly contended: number;
  /** Calls of the clients under the encrypted ones, by operation. */
  readonly calls: Readonly<Record<string, number>>;
  /** Writes whose guard failed: races that were lost. */
  readonly lostRaces: number;
  readonly milliseconds: number;
}

const one = { ":one": { N: "1" } };

/** Three ways to say the same; the item exists. */
const additions: readonly Pick<UpdateItemCommandInput, "UpdateExpression" | "ReturnValues">[] = [
  { UpdateExpression: "ADD #count :one, #open :one" },
  { UpdateExpression: "SET #count = #count + :one, #open = #open + :one", ReturnValues: "UPDATED_NEW" },
  { UpdateExpression: "SET #count = #count + :one ADD #open :one", ReturnValues: "ALL_NEW" },
];

/** Adds as its task says; each update that is contended is repeated until it is done. */
export async function addToCounters(task: CounterTask, connect: (config: DynamoDBClientConfig) => DynamoDBClient): Promise<CounterReport> {
  const report = { done: 0, nativeDone: 0, contended: 0, lostRaces: 0, calls: {} as Record<string, number> };
  const bases = Array.from({ length: task.clients }, () => counting(connect(clientConfig(task.endpoint, task.account)), report));
  const clients = bases.map((base) => encryptedItems(base));
  const target = { TableName: itemsTable, Key: keyOf(task.id) };

  async function add(client: DynamoDBClient, index: number): Promise<void> {
    const names = { ExpressionAttributeNames: { "#count": "count", "#open": "open" }, ExpressionAttributeValues: one };
    for (;;) {
      try {
        await client.send(new UpdateItemCommand({ ...target, ...names, ...additions[index % additions.length] }));
        report.done++;
        return;
      } catch (error) {
        if (!isDynasealError(error, "ERR_UPDATE_CONTENDED")) throw error;
        report.contended++;
      }
    }
  }

  async function addNative(client: DynamoDBClient): Promise<void> {
    const update = { UpdateExpression: "ADD #open :one", ExpressionAttributeNames: { "#open": "open" }, ExpressionAttributeValues: one };
    await client.send(new UpdateItemCommand({ ...target, ...update }));
    report.nativeDone++;
  }

  async function write(writer: number): Promise<void> {
    const client = clients[writer % clients.length];
    if (client === undefined) throw new Error("a task needs a client");
    for (let index = 0; index < Math.max(task.updatesEach, task.nativeEach); index++) {
      if (index < task.nativeEach) await addNative(client);
      if (index < task.updatesEach) await add(client, writer + index);
    }
  }

  const started = performance.now();
  await Promise.all(Array.from({ length: task.writers }, (_, writer) => write(writer)));
  const milliseconds = Math.round(performance.now() - started);
  for (const base of bases) base.destroy();
  return { ...report, milliseconds };
}

/** Counts the calls that arrive at the client that is wrapped. */
function counting(base: DynamoDBClient, report: { lostRaces: number; readonly calls: Record<string, number> }): DynamoDBClient {
  base.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, "");
        report.calls[operation] = (report.calls[operation] ?? 0) + 1;
        try {
          return await next(args);
        } catch (error) {
          if (error instanceof Error && error.name === "ConditionalCheckFailedException") report.lostRaces++;
          throw error;
        }
      },
    { step: "initialize", name: "countCalls" },
  );
  return base;
}

/** Sums of several processes; the time is that of the slowest. */
export function sumOfReports(reports: readonly CounterReport[]): CounterReport {
  const sum = (of: (report: CounterReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const operations = new Set(reports.flatMap(({ calls }) => Object.keys(calls)));
  return {
    done: sum(({ done }) => done),
    nativeDone: sum(({ nativeDone }) => nativeDone),
    contended: sum(({ contended }) => contended),
    calls: Object.fromEntries([...operations].map((operation) => [operation, sum(({ calls }) => calls[operation] ?? 0)])),
    lostRaces: sum(({ lostRaces }) => lostRaces),
    milliseconds: Math.max(...reports.map(({ milliseconds }) => milliseconds)),
  };
}
