import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defineTable, type TableSchema } from "../../src/index.ts";
import { loadSchemasFromParameterStore, pushSchemasToParameterStore } from "../../src/parameter-store/index.ts";
import { type LocalParameterStore, startParameterStore } from "../support/parameter-store.ts";

const path = "/customers/prod/schemas";
let store: LocalParameterStore;
let client: SSMClient;
function clientWith(maxAttempts: number): SSMClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new SSMClient({ region: "eu-west-1", endpoint: store.endpoint, credentials, maxAttempts });
}
beforeEach(async () => {
  store = await startParameterStore();
  client = clientWith(1);
});
afterEach(async () => {
  client.destroy();
  await store.stop();
});

/** A schema of about `bytes` bytes, with names beyond ASCII. */
function schemaOf(tableName: string, bytes = 200, action: "ENCRYPT_AND_SIGN" | "SIGN_ONLY" = "ENCRYPT_AND_SIGN"): TableSchema {
  const count = Math.ceil(bytes / 30);
  const attributes = Object.fromEntries(Array.from({ length: count }, (_, index) => [`größe${index}`, action]));
  return defineTable({ tableName, partitionKey: "id", attributes, algorithmSuite: "HMAC" }) as TableSchema;
}

const push = (schemas: readonly TableSchema[], more: object = {}) => pushSchemasToParameterStore({ path, schemas, client, ...more });
const load = (version: number | string | undefined, sha256: string) =>
  loadSchemasFromParameterStore({ path, version: version ?? 0, sha256, client });
const unavailable = (reason: string): object => ({ code: "ERR_SCHEMA_UNAVAILABLE", details: { reason } });

describe("schemas in Parameter Store", () => {
  it.each([
    ["Standard", "String"],
    ["Standard", "SecureString"],
    ["Advanced", "String"],
    ["Advanced", "SecureString"],
  ] as const)("come back as they were pushed, in many parts: %s, %s", async (tier, type) => {
    const schemas = [schemaOf("orders", 30_000), schemaOf("customers", 30_000)];
    const { version, sha256, parts } = await push(schemas, { tier, type });
    expect(parts).toBeGreaterThan(tier === "Standard" ? 10 : 5);
    for (const value of store.values().values()) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(tier === "Standard" ? 4096 : 8192);
    store.calls.length = 0;
    const loaded = await load(version, sha256);
    expect(JSON.stringify(loaded)).toBe(JSON.stringify(schemas.toReversed()));
    expect(store.calls).toHaveLength(1 + Math.ceil(parts / 10));
    expect(await load(String(version), sha256)).toHaveLength(2);
  });

  it("of an older version stay readable after a push, and the same schemas pushed again are the same version", async () => {
    const first = await push([schemaOf("customers")]);
    const second = await push([schemaOf("customers", 400)]);
    expect(second.version).toBe(2);
    expect(await push([schemaOf("customers", 400)])).toEqual({ ...second, written: 0 });
    expect(await load(first.version, first.sha256)).toHaveLength(1);
    expect(await load(second.version, second.sha256)).toHaveLength(1);
    await expect(load(second.version, first.sha256)).rejects.toMatchObject(unavailable("different"));
  });

  it("are written part by part before the manifest: a push that is cut off changes nothing that is read", async () => {
    const first = await push([schemaOf("customers", 9000)]);
    store.fail("PutParameter", "InternalServerError");
    await expect(push([schemaOf("customers", 12_000)])).rejects.toMatchObject(unavailable("unreachable"));
    expect(await load(first.version, first.sha256)).toHaveLength(1);
    store.fail("PutParameter", undefined);
    store.calls.length = 0;
    await push([schemaOf("customers", 12_000)]);
    const puts = store.calls.filter((call) => call.startsWith("PutParameter"));
    expect(puts.length).toBeGreaterThan(1);
    expect([...store.values().keys()].at(0)).toMatch(/parts/);
  });

  it("a dry run writes nothing", async () => {
    expect(await push([schemaOf("customers")], { dryRun: true })).toMatchObject({ version: undefined, written: 1 });
    expect(store.values().size).toBe(0);
  });

  it("who may write parameters cannot change what is encrypted", async () => {
    const { version, sha256 } = await push([schemaOf("customers")]);
    const weaker = JSON.stringify([schemaOf("customers", 200, "SIGN_ONLY")]);
    const part = [...store.values().keys()].find((name) => name.includes("/parts/")) ?? "";
    const original = store.values().get(part) ?? "";
    store.plant(part, weaker);
    await expect(load(version, sha256)).rejects.toMatchObject(unavailable("different"));
    // Pushing again mends what was planted.
    const again = await push([schemaOf("customers")]);
    expect(store.values().get(part)).toBe(original);
    expect(await load(again.version, sha256)).toHaveLength(1);
    const other = await push([schemaOf("customers", 200, "SIGN_ONLY")]);
    const manifest = store.values().get(`${path}/manifest`) ?? "";
    store.plant(`${path}/manifest`, manifest, 1);
    await expect(load(version, sha256)).rejects.toMatchObject(unavailable("different"));
    expect(other.sha256).not.toBe(sha256);
  });

  it("that are not all there are none", async () => {
    const { version, sha256 } = await push([schemaOf("customers", 9000)]);
    await expect(load(7, sha256)).rejects.toMatchObject(unavailable("missing"));
    store.remove([...store.values().keys()].find((name) => name.includes("/parts/")) ?? "");
    await expect(load(version, sha256)).rejects.toMatchObject(unavailable("missing"));
    store.remove(`${path}/manifest`);
    await expect(load(version, sha256)).rejects.toMatchObject(unavailable("missing"));
  });

  it.each([
    ["AccessDeniedException", "denied"],
    ["ThrottlingException", "throttled"],
    ["InternalServerError", "unreachable"],
    ["InvalidKeyId", "denied"],
  ])("%s is told as %s, in either call", async (error, reason) => {
    const { version, sha256 } = await push([schemaOf("customers")]);
    for (const operation of ["GetParameter", "GetParameters"]) {
      store.fail(operation, error);
      await expect(load(version, sha256)).rejects.toMatchObject(unavailable(reason));
      store.fail(operation, undefined);
    }
  });

  it("a manifest that is none of ours is refused although its digest is right", async () => {
    for (const text of ["[]", "{", '{"format":2,"parts":["a"]}', '{"format":1,"parts":[]}', '{"format":1,"parts":["../x"]}']) {
      store.plant(`${path}/manifest`, text);
      const sha256 = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("hex");
      const version = store.calls.length;
      await expect(load(version + 1, sha256)).rejects.toMatchObject(unavailable("malformed"));
    }
  });

  it("forty cold starts are served at forty requests a second with the SDK's retries, or told that they were throttled", async () => {
    const { version, sha256 } = await push([schemaOf("customers")]);
    store.limit = 40;
    const patient = clientWith(10);
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () =>
        loadSchemasFromParameterStore({ path, version: version ?? 0, sha256, client: patient }).then(
          ([schema]) => schema?.tableName,
          ({ code, details }: { code: string; details: { reason: string } }) => `${code} ${details.reason}`,
        ),
      ),
    );
    patient.destroy();
    for (const outcome of outcomes) expect(["customers", "ERR_SCHEMA_UNAVAILABLE throttled"]).toContain(outcome);
    expect(outcomes).toContain("customers");
  });

  it.each([
    [{ path: "relative" }, "path"],
    [{ path: "/ends/" }, "path"],
    [{ version: 0 }, "version"],
    [{ version: "latest" }, "version"],
    [{ sha256: "" }, "sha256"],
  ])("%o is refused before anything is asked", async (wrong, argument) => {
    const options = { path, version: 1, sha256: "0".repeat(64), client, ...wrong };
    await expect(loadSchemasFromParameterStore(options)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT", details: { argument } });
    expect(store.calls).toEqual([]);
  });

  it("two schemas for one table, none, or more than a manifest can name are refused", async () => {
    await expect(push([schemaOf("customers"), schemaOf("customers", 400)])).rejects.toMatchObject({ code: "ERR_SCHEMA_DUPLICATE_TABLE" });
    await expect(push([])).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    await expect(push([schemaOf("customers", 300_000)])).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    expect(store.values().size).toBe(0);
  });
});

describe("dynaseal schema push", () => {
  it("writes files, says as whom, and prints version and digest", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dynaseal-push-"));
    try {
      await writeFile(join(folder, "customers.table.json"), JSON.stringify(schemaOf("customers")));
      const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
      const arguments_ = [
        "schema",
        "push",
        folder,
        "--path",
        path,
        "--endpoint-url-ssm",
        store.endpoint,
        "--region",
        "eu-west-1",
        "--json",
      ];
      const env = { ...process.env, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", "tsx", main, ...arguments_], { env });
      expect(stderr).toContain("In eu-west-1: no account, servers on this machine");
      const { version, sha256 } = JSON.parse(stdout) as { version: number; sha256: string };
      expect((await load(version, sha256)).map(({ tableName }) => tableName)).toEqual(["customers"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
