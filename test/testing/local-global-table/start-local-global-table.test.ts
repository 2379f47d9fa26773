import { request } from "node:http";
import { crc32 } from "node:zlib";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startLocalGlobalTable } from "../../../src/testing/index.ts";
import { customers, east, type Fixture, startFixture, west } from "./customers.ts";

const TableName = "customers";
const Key = { id: { S: "a" }, sort: { N: "1" } };
let fixture: Fixture;

describe("the handle", () => {
  beforeEach(async () => {
    fixture = await startFixture();
  });
  afterEach(() => fixture.stop());

  test("an endpoint of one Region serves it whatever the client signs for", async () => {
    const { region: _, ...config } = fixture.local.clientConfig(east);
    const stray = new DynamoDB({ ...config, region: "ap-south-1", endpoint: fixture.local.endpoints[west] ?? "" });
    expect((await stray.describeTable({ TableName })).Table?.TableArn).toContain(`:${west}:`);
    const lost = new DynamoDB({ ...config, region: "ap-south-1" });
    await expect(lost.describeTable({ TableName })).rejects.toMatchObject({ name: "UnrecognizedClientException" });
    stray.destroy();
    lost.destroy();
  });

  test("binds the loopback interface alone", () => {
    expect(Object.keys(fixture.local.endpoints)).toEqual([east, west]);
    for (const endpoint of [fixture.local.endpoint, ...Object.values(fixture.local.endpoints)]) {
      expect(new URL(endpoint).hostname).toBe("127.0.0.1");
    }
  });

  test("answers carry a checksum and a request id", async () => {
    await fixture.low[east].putItem({ TableName, Item: { ...Key, name: { S: "Zoë" } } });
    const { headers, body } = await post(fixture.local.endpoints[east] ?? "", "GetItem", JSON.stringify({ TableName, Key }));
    expect(Number(headers["x-amz-crc32"])).toBe(crc32(body));
    expect(headers["x-amzn-requestid"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(body).Item.name).toEqual({ S: "Zoë" });
  });

  test("what is no request of DynamoDB is refused by its protocol", async () => {
    const url = fixture.local.endpoints[east] ?? "";
    expect(JSON.parse((await post(url, "GetItem", "{")).body).__type).toContain("SerializationException");
    expect(JSON.parse((await post(url, "NoSuchOperation", "{}")).body).__type).toContain("UnknownOperationException");
    expect(JSON.parse((await post(fixture.local.endpoint, "ListTables", "{}")).body).__type).toContain(
      "MissingAuthenticationTokenException",
    );
  });

  test("rawItems is what is stored: bytes as Uint8Array, all the way down", async () => {
    const stored = {
      ...Key,
      blob: { B: Uint8Array.of(1) },
      set: { BS: [Uint8Array.of(2)] },
      deep: { L: [{ M: { blob: { B: Uint8Array.of(3) } } }] },
    };
    await fixture.low[east].putItem({ TableName, Item: stored });
    await fixture.local.settled();
    for (const region of [east, west])
      expect((await fixture.local.rawItems(region, TableName)).map((item) => ({ ...item }))).toEqual([stored]);
    await expect(fixture.local.rawItems("us-west-9", TableName)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    await expect(fixture.local.rawItems(east, "nowhere")).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });

  test("requests are counted by Region and operation", async () => {
    await fixture.low[east].getItem({ TableName, Key });
    await fixture.low[east].getItem({ TableName, Key });
    await fixture.low[west].getItem({ TableName, Key });
    await fixture.low[west].listTables({});
    const { local } = fixture;
    expect(local.countRequests()).toBe(4);
    expect(local.countRequests({ region: west })).toBe(2);
    expect(local.countRequests({ operation: "GetItem" })).toBe(3);
    expect(local.countRequests({ region: east, operation: "ListTables" })).toBe(0);
  });

  test("clientConfig names served Regions only", () => {
    expect(() => fixture.local.clientConfig("us-west-9")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});

describe("faults", () => {
  beforeEach(async () => {
    fixture = await startFixture();
  });
  afterEach(() => fixture.stop());

  test("a Region that is down breaks connections and gets its writes when it is back", async () => {
    const lift = fixture.local.faults.down(west);
    const failing = new DynamoDB({ ...fixture.local.clientConfig(west), maxAttempts: 1 });
    await expect(failing.getItem({ TableName, Key })).rejects.toThrow(/ECONNRESET|socket hang up/);
    await fixture.low[east].putItem({ TableName, Item: Key });
    await fixture.local.settled();
    expect(await fixture.local.rawItems(west, TableName)).toEqual([]);
    lift();
    await fixture.local.settled();
    expect((await failing.getItem({ TableName, Key })).Item).toEqual(Key);
    failing.destroy();
  });

  test("throttled once for one operation: the SDK retries", async () => {
    fixture.local.faults.throttled(east, { action: "PutItem", times: 1 });
    const { $metadata } = await fixture.low[east].putItem({ TableName, Item: Key });
    expect($metadata.attempts).toBe(2);
    expect((await fixture.low[east].getItem({ TableName, Key })).$metadata.attempts).toBe(1);
    fixture.local.faults.throttled(east);
    const impatient = new DynamoDB({ ...fixture.local.clientConfig(east), maxAttempts: 1 });
    await expect(impatient.getItem({ TableName, Key })).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    impatient.destroy();
  });

  test("slow waits, hanging waits until it is lifted", async () => {
    const lift = fixture.local.faults.slow(east, { delayMilliseconds: 80 });
    const start = performance.now();
    await fixture.low[east].listTables({});
    expect(performance.now() - start).toBeGreaterThanOrEqual(79);
    lift();
    fixture.local.faults.hanging(east);
    let answered = false;
    const pending = fixture.low[east].listTables({}).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    fixture.local.faults.clear();
    await pending;
  });

  test("a Region that is not served is refused", () => {
    expect(() => fixture.local.faults.down("us-west-9")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});

describe("start and stop", () => {
  test.each([[[]], [["us-east-1", "us-east-1"]], [["not a Region"]]])("regions %j are refused", async (regions) => {
    await expect(startLocalGlobalTable({ regions })).rejects.toMatchObject({
      code: "ERR_INVALID_ARGUMENT",
      details: { argument: "regions" },
    });
  });

  test("a table that DynamoDB would not create is refused by name", async () => {
    const tables = [{ ...customers, KeySchema: [{ AttributeName: "unknown", KeyType: "HASH" }] }] as never;
    await expect(startLocalGlobalTable({ regions: [east], tables })).rejects.toMatchObject({
      code: "ERR_LOCAL_TABLE_REFUSED",
      details: { tableName: "customers" },
    });
  });

  test("stop ends requests under way, writes in flight and waiting calls at once", async () => {
    const started = await startFixture({ lag: 60_000 });
    await started.low[east].putItem({ TableName, Item: Key });
    const settled = started.local.settled();
    started.local.faults.hanging(west);
    const impatient = new DynamoDB({ ...started.local.clientConfig(west), maxAttempts: 1 });
    const hanging = impatient.listTables({}).catch((error: Error) => error);
    await expect.poll(() => started.local.countRequests({ region: west })).toBe(1);
    const start = performance.now();
    await started.stop();
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(await hanging).toBeInstanceOf(Error);
    await settled;
    impatient.destroy();
  });
});

function post(url: string, operation: string, body: string): Promise<{ headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "x-amz-target": `DynamoDB_20120810.${operation}`, "content-type": "application/x-amz-json-1.0" };
    const outgoing = request(url, { method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
