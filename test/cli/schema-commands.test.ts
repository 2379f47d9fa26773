import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function dynaseal(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const command = ["--import", import.meta.resolve("tsx"), main, ...args];
    execFile(process.execPath, command, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function write(name: string, content: unknown): string {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

const sound = {
  tableName: "customers-prod",
  partitionKey: "customerId",
  attributes: { note: "ENCRYPT_AND_SIGN", rank: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
};

describe("dynaseal schema lint", () => {
  it("passes a sound schema", async () => {
    write("customers.table.json", sound);
    expect(await dynaseal("schema", "lint", ".")).toEqual({ code: 0, stdout: "Nothing found.\n", stderr: "" });
  });

  it("names table, subject, rule and remedy, and ends with 1", async () => {
    const { code, stdout } = await dynaseal("schema", "lint", write("a.json", { ...sound, tableName: "customers", sortKey: "email" }));
    expect(code).toBe(1);
    expect(stdout).toContain("customers: email is a key, and keys are never encrypted. [personal-data-readable]");
    expect(stdout).toContain("[no-environment]");
    expect(stdout).toMatch(/2 found\.\n$/);
  });

  it("looks at configuration, policies and stream filters, as JSON", async () => {
    write("customers.table.json", { ...sound, algorithmSuite: "ECDSA" });
    write("dynaseal.config.json", {
      schemas: ".",
      keyring: { awsKmsHierarchicalKeyring: { branchKeyId: "b" } },
      keyStore: { tableName: "k", logicalKeyStoreName: "k", kms: { mrkArn: "arn:aws:kms:us-east-1:111122223333:key/mrk-1" } },
    });
    write("policy.json", { Statement: [{ Effect: "Allow", Condition: { StringEquals: { "dynamodb:Select": "COUNT" } } }] });
    write("filter.json", { dynamodb: { NewImage: { note: { S: ["x"] } } } });
    const { code, stdout } = await dynaseal(
      ...["schema", "lint", "customers.table.json", "--config", "dynaseal.config.json", "--policy", "policy.json"],
      ...["--stream-filter", "customers-prod=filter.json", "--json"],
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout).map(({ rule }: { rule: string }) => rule)).toEqual([
      "suites-not-restricted",
      "ecdsa-under-hierarchy",
      "stream-filter-cannot-match",
      "iam-condition-cannot-hold",
    ]);
  });

  it("finds a name that stands twice in the JSON", async () => {
    const text = '{"tableName":"t-prod","partitionKey":"id","attributes":{"a":"ENCRYPT_AND_SIGN","a":"DO_NOTHING"}}';
    const { code, stderr } = await dynaseal("schema", "lint", write("a.json", text));
    expect(code).toBe(252);
    expect(stderr).toContain("ERR_SCHEMA_SYNTAX");
    expect(stderr).toContain("a second time");
  });
});

describe("dynaseal schema diff", () => {
  it("says that nothing changed", async () => {
    const file = write("a.json", sound);
    const { code, stdout } = await dynaseal("schema", "diff", file, file);
    expect({ code, text: stdout.trim() }).toEqual({
      code: 0,
      text: "customers-prod\nRoll-out: Readers and writers in any order: both versions read what the other one writes.",
    });
  });

  it("fails on what gets weaker, on what breaks, or on what is asked for", async () => {
    const [old, weaker] = [
      write("old.json", sound),
      write("weaker.json", { ...sound, attributes: { note: "SIGN_ONLY", rank: "SIGN_ONLY" } }),
    ];
    const breaking = write("breaking.json", { ...sound, attributes: { ...sound.attributes, more: "DO_NOTHING" } });
    const [first, second, third, fourth] = await Promise.all([
      dynaseal("schema", "diff", old, weaker),
      dynaseal("schema", "diff", old, weaker, "--fail-on", "incompatible"),
      dynaseal("schema", "diff", old, breaking, "--json"),
      dynaseal("schema", "diff", old, breaking, "--fail-on", "weaker"),
    ]);
    expect(first).toMatchObject({ code: 1, stdout: expect.stringContaining('"note": ENCRYPT_AND_SIGN → SIGN_ONLY.') });
    expect(second.code).toBe(0);
    expect(third.code).toBe(1);
    expect(JSON.parse(third.stdout)[0]).toMatchObject({ compatibility: { rollout: "readers-first" }, confidentiality: { weaker: false } });
    expect(fourth.code).toBe(0);
  });
});

describe("dynaseal schema types", () => {
  it("writes a file beside each schema, once, and tells a stale one", async () => {
    write("customers.table.json", sound);
    expect(await dynaseal("schema", "types", ".", "--check")).toMatchObject({ code: 1, stdout: "customers.table.types.ts is stale\n" });
    expect(existsSync(join(folder, "customers.table.types.ts"))).toBe(false);
    expect(await dynaseal("schema", "types", ".")).toMatchObject({ code: 0, stdout: "customers.table.types.ts written\n" });
    expect(readFileSync(join(folder, "customers.table.types.ts"), "utf8")).toContain("export type CustomersProdKey = {");
    expect(await dynaseal("schema", "types", ".", "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("usage", () => {
  it.each([
    ["an unknown command", ["schemas"]],
    ["an unknown option", ["schema", "lint", ".", "--loud"]],
    ["a missing argument", ["schema", "diff", "a.json"]],
    ["an unknown format", ["schema", "lint", ".", "--output", "yaml"]],
    ["a file that is not there", ["schema", "lint", "none.json"]],
    [
      "something else to fail on",
      ["schema", "diff", `${root}schemas/orders.table.json`, `${root}schemas/orders.table.json`, "--fail-on", "style"],
    ],
  ])("that is wrong ends with 252: %s", async (_what, args) => {
    const { code, stdout, stderr } = await dynaseal(...args);
    expect({ code, stdout }).toEqual({ code: 252, stdout: "" });
    expect(stderr).not.toBe("");
  });

  it("shows examples", async () => {
    const { code, stdout } = await dynaseal("schema", "lint", "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
  });

  it("still knows beacon-length by its old name", async () => {
    expect((await dynaseal("beacon-length", "--distinct", "1000", "--json")).stdout).toBe(
      (await dynaseal("schema", "beacon-length", "--distinct", "1000", "--json")).stdout,
    );
  });
});
