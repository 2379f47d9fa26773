import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import { isDynasealError } from "../../errors/index.ts";
import { type Customer, demoCustomers } from "./customers.ts";
import { countPlaintext, secretsOf } from "./plaintext-search.ts";
import type { Screen } from "./screen.ts";
import { away, home, searchableTable, startWorld, tableName, type World } from "./world.ts";

const count = 200;

/**
 * The main job, start to end: write in one Region, lose its KMS, read and verify in the other; show what the table
 * holds; refuse a tampered item and a reader without access; look for plaintext in both replicas.
 *
 * @returns true where every step held
 */
export async function runDemo(screen: Screen): Promise<boolean> {
  const world = await startWorld();
  try {
    return await runSteps(world, screen);
  } finally {
    await world.stop();
  }
}

async function runSteps(world: World, screen: Screen): Promise<boolean> {
  const customers = demoCustomers(count);
  const misses: string[] = [];
  const check = (holds: boolean, text: string): void => {
    if (holds) screen.done(text);
    else {
      screen.failed(text);
      misses.push(text);
    }
  };

  screen.title(`1  A multi-Region key in ${home}, its replica in ${away}, and a Global Table in both`);
  screen.note(world.keyArn);
  screen.note(world.replicaArn);

  screen.title(`2  ${count} customers, written through the wrapped DocumentClient in ${home}`);
  const written = await writeAll(world.service(home), customers);
  await world.tables.settled();
  check(written === count, `${written} items written; ${callsOf(world)} KMS calls, all in ${regionsOf(world)}`);

  screen.title("3  One item, as the table holds it and as the application sees it");
  const rawItems = await Promise.all([home, away].map((region) => world.tables.rawItems(region, tableName)));
  const [homeItems = [], awayItems = []] = rawItems;
  showItem(screen, awayItems, customers[0]);

  screen.title(`4  The KMS of ${home} is switched off; a reader in ${away} reads and verifies everything`);
  world.kms.clearEvents();
  const powerCut = world.kms.faults.down(home);
  const verified = await readAll(world.service(away), customers);
  check(verified === count, `${verified} of ${count} items read and verified; ${callsOf(world)} KMS calls, all in ${regionsOf(world)}`);
  const refusal = await codeOf(world.service(home).send(new GetCommand({ TableName: tableName, Key: { customerId: idOf(customers[0]) } })));
  check(refusal === "ERR_KMS_UNREACHABLE", `a reader that insists on ${home} is told why it cannot: ${refusal}`);
  powerCut();

  screen.title("5  What must not be read");
  const denied = world.kms.faults.deny({ region: away, accessKeyId: "AKIAINTRUDER", action: "Decrypt" });
  const intruder = await codeOf(read(world.service(away, "AKIAINTRUDER"), idOf(customers[0])));
  check(intruder === "ERR_KMS_ACCESS_DENIED", `a client that may read the table but not use the key: ${intruder}`);
  denied();
  await tamper(world, awayItems);
  const tampered = await codeOf(read(world.service(away), idOf(customers[1])));
  check(tampered === "ERR_NOT_AUTHENTIC", `an item whose tier somebody changed in the table: ${tampered}`);

  screen.title("6  The same under a branch key: hierarchical keyring, key store in a Global Table");
  const branchKeyId = await runHierarchicalStep(world, customers, check);

  screen.title(`7  A customer is looked for by e-mail in ${away}, through an index of beacons`);
  await runSearchStep(world, { customers, branchKeyId, screen }, check);
  const searchableItems = await Promise.all([home, away].map((region) => world.tables.rawItems(region, searchableTable)));

  screen.title("8  Both replicas' raw bytes, searched for every plaintext");
  const secrets = customers.flatMap(secretsOf);
  const allItems = [...homeItems, ...awayItems, ...searchableItems.flat()];
  const found = countPlaintext(allItems, secrets);
  const control = countPlaintext([{ probe: { S: `…${secrets[0] ?? ""}…` } }], secrets);
  check(control === 1 && found === 0, `${new Set(secrets).size} texts looked for in ${allItems.length} raw items: ${found} found`);

  screen.line("");
  screen.line(
    `${written} items written in ${home}, ${verified} read and verified in ${away}, ${found} plaintext values found in either replica`,
  );
  return misses.length === 0;
}

async function runHierarchicalStep(
  world: World,
  customers: readonly Customer[],
  check: (holds: boolean, text: string) => void,
): Promise<string> {
  await world.keyStore.createTable();
  const { branchKeyId } = await world.keyStore.createKey();
  await world.tables.settled();
  world.kms.clearEvents();
  const written = await writeAll(world.tenantService(home, branchKeyId), customers);
  const writeCalls = callsOf(world);
  await world.tables.settled();
  world.kms.clearEvents();
  const verified = await readAll(world.tenantService(away, branchKeyId), customers);
  const readCalls = callsOf(world);
  const holds = written === count && verified === count && writeCalls <= 2 && readCalls <= 2;
  check(
    holds,
    `${written} items written with ${calls(writeCalls)} in ${home}, ${verified} read and verified with ${calls(readCalls)} in ${away}`,
  );
  return branchKeyId;
}

async function runSearchStep(
  world: World,
  { customers, branchKeyId, screen }: { readonly customers: readonly Customer[]; readonly branchKeyId: string; readonly screen: Screen },
  check: (holds: boolean, text: string) => void,
): Promise<void> {
  const writer = world.searchService(home, branchKeyId);
  const put = (Item: Customer) => writer.send(new PutCommand({ TableName: searchableTable, Item }));
  await Promise.all(customers.map(put));
  await world.tables.settled();
  const wanted = customers[42];
  const stored = (await world.tables.rawItems(away, searchableTable)).find((item) => item["customerId"]?.S === idOf(wanted));
  screen.note(`email = "${wanted?.email}" is asked for as aws_dbe_b_email = "${stored?.["aws_dbe_b_email"]?.S}"`);
  world.kms.clearEvents();
  const { Items = [], ScannedCount = 0 } = await world.searchService(away, branchKeyId).send(
    new QueryCommand({
      TableName: searchableTable,
      IndexName: "email-index",
      KeyConditionExpression: "email = :email",
      ExpressionAttributeValues: { ":email": wanted?.email },
    }),
  );
  const holds = Items.length === 1 && canonical(Items[0]) === canonical(wanted);
  const others = `${ScannedCount - Items.length} that only share the beacon were left out after decryption`;
  check(
    holds,
    `${Items.length} customer found and verified, ${others}; ${calls(callsOf(world))}${callsOf(world) > 0 ? ` in ${regionsOf(world)}` : ""}`,
  );
}

async function writeAll(documents: DynamoDBDocumentClient, customers: readonly Customer[]): Promise<number> {
  await Promise.all(customers.map((customer) => documents.send(new PutCommand({ TableName: tableName, Item: customer }))));
  return customers.length;
}

/** How many customers come back exactly as they were written. */
async function readAll(documents: DynamoDBDocumentClient, customers: readonly Customer[]): Promise<number> {
  const answers = await Promise.all(customers.map(({ customerId }) => read(documents, customerId)));
  return answers.filter((item, index) => canonical(item) === canonical(customers[index])).length;
}

async function read(documents: DynamoDBDocumentClient, customerId: string): Promise<unknown> {
  const { Item } = await documents.send(new GetCommand({ TableName: tableName, Key: { customerId }, ConsistentRead: true }));
  return Item;
}

/** Somebody with access to the table, and no key, promotes a customer. */
async function tamper(world: World, rawItems: readonly AttributeMap[]): Promise<void> {
  const victim = rawItems.find((item) => item["customerId"]?.S === "cust-0002");
  const plainClient = new DynamoDBClient(world.tables.clientConfig(away));
  await plainClient.send(new PutItemCommand({ TableName: tableName, Item: { ...victim, tier: { S: "diamond" } } }));
  plainClient.destroy();
}

function showItem(screen: Screen, rawItems: readonly AttributeMap[], customer: Customer | undefined): void {
  const raw = rawItems.find((item) => item["customerId"]?.S === customer?.customerId) ?? {};
  const seen: Readonly<Record<string, unknown>> = { ...customer };
  const rows = Object.keys({ ...seen, ...raw }).map((name) => [name, storedText(raw[name]), name in seen ? shown(seen[name]) : ""]);
  screen.table(["attribute", "in the table", "in the application"], rows, [14, 36, 30]);
}

function storedText(value: AttributeMap[string] | undefined): string {
  if (value?.B === undefined) return shown(value?.S ?? value?.N);
  const text = Buffer.from(value.B).toString("base64");
  return `${text.slice(0, 20)}… (${value.B.length} bytes)`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, entry: unknown) =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return "nothing was refused";
  } catch (error) {
    return isDynasealError(error) ? error.code : String(error);
  }
}

function callsOf(world: World): number {
  return world.kms.events.length;
}

function calls(number: number): string {
  return number === 1 ? "1 KMS call" : `${number} KMS calls`;
}

function regionsOf(world: World): string {
  return [...new Set(world.kms.events.map((event) => event.awsRegion))].join(" and ");
}

function idOf(customer: Customer | undefined): string {
  return customer?.customerId ?? "";
}
