import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AttributeMap } from "../../../src/attributes/index.ts";
import { headerName } from "../../../src/structure/index.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamodb-local.ts";
import { type JavaPeer, startJavaPeer } from "../../support/java-peer.ts";
import { storedActions, weakenedAttributes } from "../../support/updates/legend.ts";
import { draws, seedOf } from "../../support/updates/random.ts";
import { itemFor, type RollingWriters, rollingWriters, secrets, versionAt } from "../../support/updates/rolling-writers.ts";
import {
  createRollingTable,
  namesOf,
  plainClient,
  rollingTable,
  unsignedNames,
  type Version,
  versionClient,
  versions,
} from "../../support/updates/schema-versions.ts";
import { type StreamRecord, streamRecords } from "../../support/updates/stream-records.ts";

const account = "rolling";
const seed = seedOf("ROLLING_SEED");
const random = draws(seed);
/** Rounds of each writer. */
const rounds = Number(process.env["ROLLING"] ?? 25);
const longEnough = 60_000 + 2_000 * rounds;

/** Items that are only ever updated; the versions agree on all attributes of `agreed`. */
const [agreed, disputed] = ["agreed", "disputed"];
/** Items that are also put anew, by any version and by Java. */
const replaced = ["replaced 1", "replaced 2"];

let server: DynamoDbLocal;
let peer: JavaPeer;
let plain: DynamoDBClient;
let streamArn: string;
let writers: RollingWriters;
const bases: DynamoDBClient[] = [];

beforeAll(async () => {
  process.stdout.write(`schema versions rolling, ROLLING_SEED=${seed}\n`);
  server = await startDynamoDbLocal();
  peer = startJavaPeer();
  const connect = (): DynamoDBClient => {
    const client = plainClient(server.endpoint, account);
    bases.push(client);
    return client;
  };
  plain = connect();
  streamArn = await createRollingTable(plain);
  const aws = { region: "us-east-1", dynamoDb: server.endpoint, accessKeyId: account, secretAccessKey: account };
  writers = rollingWriters({ connect, peer, aws, random });
});
afterAll(async () => {
  for (const base of bases) base.destroy();
  await Promise.all([peer.stop(), server.stop()]);
});

/** Each worker does its rounds, with the version of the moment. */
async function roll(): Promise<void> {
  const worker = async (round: (version: Version) => Promise<unknown>): Promise<void> => {
    for (let index = 0; index < rounds; index++) await round(versionAt(index / rounds, random));
  };
  const all = [agreed, disputed, ...replaced] as const;
  const anyItem = (): string => random.pick(all as readonly [string, ...string[]]);
  const anyReplaced = (): string => random.pick(replaced as unknown as readonly [string, ...string[]]);
  const updating = Array.from({ length: 6 }, () => worker((version) => writers.update(version, anyItem())));
  await Promise.all([
    ...updating,
    worker((version) => (random.next() < 0.3 ? writers.put(version, anyReplaced()) : writers.update(version, agreed))),
    worker((version) => (random.next() < 0.3 ? writers.javaPut(version, anyReplaced()) : writers.javaVisit(version, anyItem()))),
    worker((version) => writers.javaGet(version, anyItem())),
  ]);
}

const sameHeader = (a: AttributeMap, b: AttributeMap): boolean =>
  Buffer.compare(a[headerName]?.B ?? new Uint8Array(), b[headerName]?.B ?? new Uint8Array()) === 0;
const writerOf = (row: AttributeMap | undefined): string => row?.["writer"]?.S ?? "";
const text = (row: AttributeMap): string =>
  JSON.stringify(row, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value));

describe("versions of a schema rolling forward and back, Java among the writers", () => {
  let records: readonly StreamRecord[];
  let rewritten: readonly (StreamRecord & { readonly previous: AttributeMap; readonly next: AttributeMap })[];

  beforeAll(async () => {
    const started = performance.now();
    const first = versionClient("v1", plain);
    for (const id of [agreed, disputed, ...replaced]) {
      const Item = itemFor("v1", id, "put v1", id === agreed ? {} : { tier: true });
      await first.send(new PutItemCommand({ TableName: rollingTable, Item }));
    }
    await roll();
    // Whatever the draw was: a Put of the first version, over an item of a later one.
    await writers.update("v2", "replaced 1");
    await writers.javaPut("v1", "replaced 1");
    records = await streamRecords({ endpoint: server.endpoint, account, streamArn });
    rewritten = records.flatMap((record) => {
      const { previous, next } = record;
      if (previous === undefined || next === undefined || !writerOf(next).startsWith("update")) return [];
      // A native update leaves the header as it is.
      return sameHeader(previous, next) ? [] : [{ ...record, previous, next }];
    });
    const tallies = [agreed, disputed, ...replaced].map((id) => [id, writers.tally(id)]);
    const milliseconds = Math.round(performance.now() - started);
    process.stdout.write(
      `rolling: ${JSON.stringify({ writes: records.length, rewritten: rewritten.length, milliseconds, ...Object.fromEntries(tallies) })}\n`,
    );
  }, longEnough);

  it("had every version update, and some refused", () => {
    const totals = versions.map((version) =>
      [agreed, disputed, ...replaced].reduce((sum, id) => sum + writers.tally(id).updates[version], 0),
    );
    for (const total of totals) expect(total).toBeGreaterThan(0);
    expect(writers.tally(disputed).refused.v1).toBeGreaterThan(0);
    expect(writers.tally(agreed).refused).toEqual({ v1: 0, v2: 0, v3: 0 });
  });

  it("stored no attribute weaker than in the item that was read", () => {
    expect(rewritten.flatMap(({ previous, next }) => weakenedAttributes(previous, next, unsignedNames))).toEqual([]);
  });

  // A Put writes a whole new item under its own schema: that is not rewriting, and shows that the watcher sees.
  it("saw puts of the first version after items of the others", () => {
    const put = records.flatMap(({ previous, next }) =>
      previous !== undefined && next !== undefined && writerOf(next).startsWith("put")
        ? weakenedAttributes(previous, next, unsignedNames)
        : [],
    );
    expect(put).toContain("tier: ENCRYPT_AND_SIGN → SIGN_ONLY");
  });

  it("kept the action of every attribute that the writer's schema does not name", () => {
    const kept = new Set<string>();
    for (const { previous, next } of rewritten) {
      const [before, after] = [storedActions(previous, unsignedNames), storedActions(next, unsignedNames)];
      const version = versions.find((one) => writerOf(next) === `update ${one}`) ?? "v1";
      for (const [name, action] of before) {
        if (namesOf(version).has(name)) continue;
        expect(`${version} ${name}: ${after.get(name)}`).toBe(`${version} ${name}: ${action}`);
        kept.add(`${version} ${name} ${action}`);
      }
    }
    expect([...kept]).toEqual(
      expect.arrayContaining([
        "v1 phone ENCRYPT_AND_SIGN",
        "v1 note SIGN_ONLY",
        "v1 extra ENCRYPT_AND_SIGN",
        "v2 fax SIGN_ONLY",
        "v3 fax SIGN_ONLY",
      ]),
    );
  });

  it("left no secret readable where its attribute is encrypted", () => {
    for (const { next } of records) {
      if (next === undefined) continue;
      const actions = storedActions(next, unsignedNames);
      const row = text(next);
      for (const [name, secret] of Object.entries(secrets)) expect(row.includes(secret)).toBe(actions.get(name) === "SIGN_ONLY");
    }
  });

  it("lost no update, native ones of Java among them", async () => {
    for (const id of [agreed, disputed]) {
      const { updates, visits } = writers.tally(id);
      const item = await writers.get("v2", id);
      expect([item["count"], item["visits"]]).toEqual([{ N: String(updates.v1 + updates.v2 + updates.v3) }, { N: String(visits) }]);
    }
  });

  it.each([agreed, disputed, ...replaced])("every version reads the same of %s, in Java too", async (id) => {
    const item = await writers.get("v1", id);
    for (const version of versions) {
      expect(await writers.get(version, id)).toEqual(item);
      expect(await writers.javaGet(version, id)).toEqual(item);
    }
  });
});

describe("an update under a schema that says less than the item", () => {
  it("is refused before anything is sent, whatever it names", async () => {
    const [strong, weak] = [versionClient("v2", plain), plainClient(server.endpoint, account)];
    bases.push(weak);
    const calls: string[] = [];
    weak.middlewareStack.add(
      (next, { commandName = "" }) =>
        (args) => {
          calls.push(commandName);
          return next(args);
        },
      { step: "initialize" },
    );
    await strong.send(new PutItemCommand({ TableName: rollingTable, Item: itemFor("v2", "strong", "put v2", { tier: true }) }));
    const Key = { id: { S: "strong" } };
    const row = async (): Promise<unknown> => (await plain.send(new GetItemCommand({ TableName: rollingTable, Key }))).Item;
    const before = await row();
    const update = { TableName: rollingTable, Key, UpdateExpression: "ADD #count :one", ExpressionAttributeNames: { "#count": "count" } };
    const refused = versionClient("v1", weak).send(new UpdateItemCommand({ ...update, ExpressionAttributeValues: { ":one": { N: "1" } } }));
    await expect(refused).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE", details: { attribute: "tier" } });
    expect(calls).toEqual(["GetItemCommand"]);
    expect(await row()).toEqual(before);
  });
});
