import { type AttributeValue, DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, customersName as TableName } from "../support/client-tables.ts";
import { itemOf, keyOf, N, S, update } from "../support/guarded-fixture.ts";
import { hookedClient } from "../support/hooked-client.ts";
import { localClients } from "../support/kms-clients.ts";

type Item = Record<string, AttributeValue>;

const [east, west] = ["us-east-1", "eu-west-1"] as const;
type Region = typeof east | typeof west;
const regions = [east, west] as const;

let kms: LocalKms;
let keyId: string;
let tables: LocalGlobalTable;
let clock: number;
beforeAll(async () => {
  kms = await startLocalKms({ regions: [...regions] });
  const primary = await kms.createKey({ region: east, multiRegion: true });
  keyId = primary.arn;
  await kms.replicateKey({ keyId, replicaRegion: west });
});
afterAll(() => kms.stop());
beforeEach(async () => {
  clock = 1_700_000_000_000;
  tables = await startLocalGlobalTable({ regions: [...regions], now: () => clock });
  await createClientTables(new DynamoDBClient(tables.clientConfig(east)));
});
afterEach(() => tables.stop());

/** A process in a Region: it decrypts with the KMS key of its own Region. */
function processIn(region: Region, before: Parameters<typeof hookedClient>[1] = () => undefined): DynamoDBClient {
  const keyring = awsKmsMrkKeyring({ keyId, region, clientSupplier: localClients(kms) });
  return encryptedClient(hookedClient(tables.clientConfig(region), before), { ...clientOptions, keyring, maxUpdateAttempts: 50 });
}
const readIn = async (region: Region, id: string): Promise<Item | undefined> =>
  (await processIn(region).send(new GetItemCommand({ TableName, Key: keyOf(id) }))).Item;
const rowsIn = async (region: Region): Promise<readonly unknown[]> => {
  const rows = await tables.rawItems(region, TableName);
  return rows
    .map((row) => Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
};
const expectEqualReplicas = async (): Promise<void> => expect(await rowsIn(east)).toEqual(await rowsIn(west));
/** The item, which has to be the same in both Regions, and to verify and decrypt in both. */
const readInBoth = async (id: string): Promise<Item | undefined> => {
  await expectEqualReplicas();
  const [inEast, inWest] = [await readIn(east, id), await readIn(west, id)];
  expect(inEast).toEqual(inWest);
  return inEast;
};
const putEverywhere = async (id: string): Promise<void> => {
  await processIn(east).send(new PutItemCommand({ TableName, Item: itemOf(id) }));
  await tables.settled();
};
const raise = (id: string) => update(id, "SET balance = balance + :n ADD visits :n", { ":n": N(1) });

describe("guarded updates of one item in two Regions", () => {
  test("the later one wins, as a whole item; the other one's is gone, its unsigned counter too", async () => {
    await putEverywhere("both");
    tables.pause();
    clock += 1;
    await processIn(east).send(update("both", "SET email = :e ADD visits :n", { ":e": S("east@b.c"), ":n": N(1) }));
    clock += 1;
    await processIn(west).send(update("both", "SET tier = :t ADD seen :n", { ":t": S("of the west"), ":n": N(1) }));
    expect(await readIn(east, "both")).toMatchObject({ email: S("east@b.c"), tier: S("gold"), visits: N(2) });
    expect(await readIn(west, "both")).toMatchObject({ email: S("both@b.c"), tier: S("of the west"), visits: N(1) });
    tables.resume();
    await tables.settled();
    expect(await readInBoth("both")).toEqual({ ...itemOf("both"), tier: S("of the west"), seen: N(1) });
  });

  test("a condition is true in its own Region only: both withdraw, and one withdrawal is lost", async () => {
    await putEverywhere("account");
    tables.pause();
    for (const region of regions) {
      clock += 1;
      const withdrawal = update("account", "SET balance = balance - :n", { ":n": N(7) }, { ConditionExpression: "balance >= :n" });
      await processIn(region).send(withdrawal);
    }
    tables.resume();
    await tables.settled();
    expect(await readInBoth("account")).toEqual({ ...itemOf("account"), balance: N(3) });
  });

  test("what arrives from the other Region between read and write is a lost race", async () => {
    await putEverywhere("arrives");
    tables.pause();
    clock += 1;
    await processIn(east).send(raise("arrives"));
    let arrived = false;
    const late = processIn(west, async (command) => {
      if (command !== "UpdateItemCommand" || arrived) return;
      arrived = true;
      tables.resume();
      await tables.settled();
    });
    await late.send(raise("arrives"));
    await tables.settled();
    expect(await readInBoth("arrives")).toEqual({ ...itemOf("arrives"), balance: N(12), visits: N(3) });
  });

  test("an update loses to a later deletion, and a creation in one Region to a later one in the other", async () => {
    await putEverywhere("deleted");
    tables.pause();
    clock += 1;
    await processIn(east).send(raise("deleted"));
    await processIn(east).send(update("created", "SET email = :e", { ":e": S("east@b.c") }));
    clock += 1;
    await processIn(west).send(new DeleteItemCommand({ TableName, Key: keyOf("deleted") }));
    await processIn(west).send(update("created", "SET address = :a", { ":a": S("West Street") }));
    tables.resume();
    await tables.settled();
    expect(await readInBoth("deleted")).toBeUndefined();
    expect(await readInBoth("created")).toEqual({ ...keyOf("created"), address: S("West Street") });
  });

  test("under traffic in both, every read verifies, and in the end the Regions agree", async () => {
    const ids = ["a", "b", "c"];
    for (const id of ids) await putEverywhere(id);
    let copies = 0;
    tables.lag = () => (copies++ % 7) * 3;
    const processes = regions.flatMap((region) => [processIn(region), processIn(region)]);
    let reads = 0;
    const writers = processes.map(async (client, index) => {
      for (let turn = 0; turn < 12; turn++) {
        clock += 1;
        const id = ids[(turn + index) % ids.length] ?? "";
        const write = turn % 3 === 2 ? update(id, "ADD visits :n", { ":n": N(1) }) : raise(id);
        // Nothing is lost in silence inside a Region; beyond that, last writer wins.
        await client.send(write).catch((error: unknown) => {
          if (!isDynasealError(error, "ERR_UPDATE_CONTENDED")) throw error;
        });
      }
    });
    let writing = true;
    const readers = regions.map(async (region) => {
      const client = processIn(region);
      while (writing) {
        for (const id of ids) {
          const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(id) }));
          expect(Item?.["email"]).toEqual(S(`${id}@b.c`));
          reads++;
        }
      }
    });
    await Promise.all(writers).finally(() => {
      writing = false;
    });
    await Promise.all(readers);
    await tables.settled();
    expect(reads).toBeGreaterThan(0);
    for (const id of ids) {
      const { balance, visits, ...rest } = (await readInBoth(id)) ?? {};
      const { balance: _balance, visits: _visits, ...expected } = itemOf(id);
      expect(rest).toEqual(expected);
      // Each counts its own updates at least once: the last one's is there.
      expect(Number(balance?.N)).toBeGreaterThan(10);
      expect(Number(visits?.N)).toBeGreaterThan(1);
    }
  });
});
