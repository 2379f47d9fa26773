import { mkdirSync, writeFileSync } from "node:fs";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { startFaultProxy } from "./fault-proxy.ts";
import { clientActor, type ItemActor } from "./item-actors.ts";
import { type ItemOperation, type ItemState, itemModelOf } from "./item-model.ts";
import { clientConfig } from "./items-table.ts";
import { checkLinearizable, type Model, type Recorded } from "./linearizability.ts";
import type { Draws } from "./random.ts";
import { type RandomFaults, randomFaults } from "./random-faults.ts";
import { type HistoryOptions, recordHistory, withLastRead } from "./record-history.ts";

export interface HistoriesOptions {
  /** Distinguishes items and files from those of other runs. */
  readonly name: string;
  /** Of DynamoDB Local. */
  readonly endpoint: string;
  readonly account: string;
  readonly random: Draws;
  readonly faults: RandomFaults;
  readonly count: number;
  readonly operationsEach: number;
  /** The workers, one actor each, over new clients that `connect` makes. */
  readonly actors: (connect: (config?: Partial<DynamoDBClientConfig>) => DynamoDBClient) => readonly ItemActor[];
  readonly plan: HistoryOptions["plan"];
  /** By default the one of histories without deletes. */
  readonly model?: Model<ItemState, ItemOperation>;
  /** Stops after the first history that is not linearizable. */
  readonly untilFound?: true;
}

export interface HistoriesReport {
  readonly histories: number;
  readonly operations: number;
  /** How many ended as `done`, `failed`, `unknown`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Kinds of faults, and how often each hit a request. */
  readonly faults: Readonly<Record<string, number>>;
  readonly visited: number;
  readonly milliseconds: number;
  /** Histories that are not linearizable, a line an operation. */
  readonly wrong: readonly string[];
}

/** Where `HISTORIES_FOLDER` names one, every history goes there as JSON, so that another checker can look at the same. */
const folder: string | undefined = process.env["HISTORIES_FOLDER"];

/** Records histories through a proxy that cuts connections, each on an item of its own, and checks them. */
export async function runHistories(options: HistoriesOptions): Promise<HistoriesReport> {
  const { endpoint, account, random, faults } = options;
  const proxy = await startFaultProxy({ endpoint, fault: randomFaults(random, faults) });
  const direct = new DynamoDBClient(clientConfig(endpoint, account));
  const clients: DynamoDBClient[] = [direct];
  const connect = (config: Partial<DynamoDBClientConfig> = {}): DynamoDBClient => {
    const client = new DynamoDBClient({ ...clientConfig(proxy.endpoint, account), ...config });
    clients.push(client);
    return client;
  };
  const actors = options.actors(connect);
  const reader = options.actors(() => direct)[0] ?? clientActor(direct);
  const started = performance.now();
  const outcomes: Record<string, number> = {};
  const wrong: string[] = [];
  let histories = 0;
  let operations = 0;
  let visited = 0;
  try {
    for (; histories < options.count && (wrong.length === 0 || options.untilFound === undefined); histories++) {
      const id = `${options.name} ${histories}`;
      const recorded = await recordHistory({ ...options, id, actors });
      await proxy.settled();
      const history = await withLastRead(recorded, id, reader);
      const verdict = checkLinearizable(options.model ?? itemModelOf(history), history);
      if (!verdict.linearizable) wrong.push(linesOf(id, history, verdict.order.length));
      operations += history.length;
      visited += verdict.visited;
      for (const { operation } of history) outcomes[operation.answer.outcome] = (outcomes[operation.answer.outcome] ?? 0) + 1;
      keep(id, verdict.linearizable, history);
    }
    const milliseconds = Math.round(performance.now() - started);
    return { histories, operations, outcomes, faults: Object.fromEntries(proxy.counts), visited, milliseconds, wrong };
  } finally {
    for (const client of clients) client.destroy();
    await proxy.stop();
  }
}

function keep(id: string, linearizable: boolean, history: readonly Recorded<ItemOperation>[]): void {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${id.replaceAll(" ", "-")}.json`, JSON.stringify({ id, linearizable, history }));
}

/** For the terminal. */
export function reportLine(name: string, { wrong, ...figures }: HistoriesReport): string {
  return `${name}: ${JSON.stringify({ ...figures, notLinearizable: wrong.length })}\n`;
}

function linesOf(id: string, history: readonly Recorded<ItemOperation>[], ordered: number): string {
  const lines = history
    .toSorted((a, b) => a.invoked - b.invoked)
    .map(({ invoked, returned, operation: { kind, change, expected, returns, answer } }) =>
      [`${invoked}…${returned ?? ""}`, kind, ...[change, expected, returns, answer].map((part) => JSON.stringify(part) ?? "-")].join(" "),
    );
  return [`${id}: only ${ordered} of ${history.length} operations can be put in order`, ...lines].join("\n");
}
