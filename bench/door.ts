/**
 * What copying the request costs, as a share of the CPU of a whole write whose answer takes no time. With `--other`, the
 * folder of another checkout, both builds take turns in this process: `tsx bench/door.ts --other ../before`.
 */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type AttributeValue, BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { copyAttributeMap } from "../src/attributes/index.ts";
import * as here from "../src/index.ts";
import { median } from "./support/measure.ts";
import { type Row, report } from "./support/report.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    /** CPU milliseconds of one turn. */
    slice: { type: "string", default: "150" },
    /** The folder of another checkout of this repository, with its dependencies. */
    other: { type: "string" },
    /** The folder for the figures as JSON. */
    output: { type: "string" },
  },
});

type Library = Pick<typeof here, "encryptedClient" | "itemEncryptor" | "rawAesKeyring">;
type Item = Record<string, AttributeValue>;

const TableName = "bench-door";
const schema = { tableName: TableName, partitionKey: "id", attributes: {}, otherAttributes: "ENCRYPT_AND_SIGN", algorithmSuite: "HMAC" };
const of = (attributes: readonly AttributeValue[]): Item => ({
  id: { S: "1" },
  ...Object.fromEntries(attributes.map((value, index) => [`attribute${index}`, value])),
});
const many = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));

/** One item each, or a batch of them. */
const cases: Readonly<Record<string, readonly Item[]>> = {
  "1 KB, ten texts": [of(many(10, (index) => ({ S: String(index).repeat(100) })))],
  "1 KB, ten Buffers": [of(many(10, (index) => ({ B: Buffer.alloc(100, index) })))],
  "380 KB of text": [of([{ S: "x".repeat(380_000) }])],
  "380 KB in ten Buffers": [of(many(10, (index) => ({ B: Buffer.alloc(38_000, index) })))],
  "a list of 20,000 numbers": [of([{ L: many(20_000, (index) => ({ N: String(100_000 + index) })) }])],
  "a map of 10,000 texts": [of([{ M: Object.fromEntries(many(10_000, (index) => [`key${index}`, { S: `value ${index}` }])) }])],
  "BatchWriteItem, 25 items of 100 KB": many(25, (number) => ({
    ...of(many(10, (index) => ({ S: String(index).repeat(10_000) }))),
    id: { S: `${number}` },
  })),
};

/** Answers at once, so that all the time is ours and the SDK's own. */
const answering = {
  handle: () =>
    Promise.resolve({
      response: {
        statusCode: 200,
        headers: { "content-type": "application/x-amz-json-1.0" },
        body: new TextEncoder().encode("{}"),
        reason: "OK",
      },
    }),
};

interface Writes {
  readonly encrypt: (item: Item) => Promise<unknown>;
  readonly send: (items: readonly Item[]) => Promise<unknown>;
}

function writesOf(library: Library): Writes {
  const keyring = library.rawAesKeyring({ keyNamespace: "bench", keyName: "door", wrappingKey: new Uint8Array(32).fill(1) });
  const encryptor = library.itemEncryptor({ schema, keyring });
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const base = new DynamoDBClient({ region: "us-east-1", credentials, requestHandler: answering as never });
  const client = library.encryptedClient(base, { schemas: [schema], keyring });
  return {
    encrypt: (item) => encryptor.encryptItem(item),
    send: ([first, ...rest]) => {
      if (first === undefined || rest.length === 0) return client.send(new PutItemCommand({ TableName, Item: first }));
      return client.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: [first, ...rest].map((Item) => ({ PutRequest: { Item } })) } }),
      );
    },
  };
}

/** CPU microseconds for one run, of as many as fill the slice. */
async function cpuOf(run: () => Promise<unknown> | undefined): Promise<number> {
  const enough = Number(options.slice) * 1000;
  const start = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    await run();
    const { user, system } = process.cpuUsage(start);
    if (user + system >= enough) return (user + system) / runs;
  }
}

const other = options.other === undefined ? undefined : ((await import(pathToFileURL(`${options.other}/src/index.ts`).href)) as Library);
const [ours, theirs] = [writesOf(here), other && writesOf(other)];
const rows: Row[] = [];

for (const [name, items] of Object.entries(cases)) {
  for (const way of ["encryptItem", "send"] as const) {
    const [item = {}] = items;
    if (way === "encryptItem" && items.length > 1) continue;
    const run = (writes: Writes) => () => (way === "encryptItem" ? writes.encrypt(item) : writes.send(items));
    const copy = (): undefined => {
      for (const one of items) copyAttributeMap(one);
      return undefined;
    };
    const times: { copy: number[]; ours: number[]; ratio: number[] } = { copy: [], ours: [], ratio: [] };
    for (let round = -2; round < Number(options.rounds); round++) {
      // Each goes first in every other round: what the one leaves to the garbage collector, the other pays.
      const turns = theirs === undefined ? [run(ours)] : round % 2 === 0 ? [run(ours), run(theirs)] : [run(theirs), run(ours)];
      const spent: number[] = [];
      for (const turn of turns) spent.push(await cpuOf(turn));
      if (theirs !== undefined && round % 2 !== 0) spent.reverse();
      const copying = await cpuOf(copy);
      if (round < 0) continue;
      const [own = Number.NaN, before = Number.NaN] = spent;
      times.ours.push(own);
      times.ratio.push(own / before);
      times.copy.push(copying);
    }
    const [whole, copying] = [median(times.ours), median(times.copy)];
    rows.push({
      item: name,
      write: way,
      "CPU µs": whole,
      "copy, µs": copying,
      "copy, %": (copying / whole) * 100,
      ...(theirs !== undefined && { "to the other build": median(times.ratio) }),
    });
  }
}

report("door", rows, options.output === undefined ? {} : { folder: options.output });
