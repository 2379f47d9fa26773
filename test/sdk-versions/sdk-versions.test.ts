import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

interface Checked {
  readonly results: Readonly<Record<string, string>>;
  readonly plaintextSent: boolean;
  readonly spans?: { readonly statements: readonly string[]; readonly spans: readonly unknown[] };
  readonly plaintextTraced: boolean;
}

/** Installs a fixture in a folder of its own, puts the built package beside the SDK, and writes through it. */
async function check(fixture: string): Promise<Checked> {
  const folder = await mkdtemp(join(tmpdir(), `dynaseal-sdk-${fixture}-`));
  try {
    await cp(join(here, fixture), folder, { recursive: true });
    await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
    for (const part of ["dist", "package.json"])
      await cp(join(root, part), join(folder, "node_modules/dynaseal", part), { recursive: true });
    await cp(join(here, "check-sdk.cjs"), join(folder, "check-sdk.cjs"));
    const { stdout } = await run(process.execPath, ["check-sdk.cjs"], { cwd: folder, maxBuffer: 32 << 20 });
    return JSON.parse(stdout) as Checked;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const writes = ["DynamoDBClient", "DynamoDB", "DynamoDBDocumentClient", "DynamoDBDocument", "update"];
const every = (result: string): Readonly<Record<string, string>> => Object.fromEntries(writes.map((name) => [name, result]));

describe("another AWS SDK than the installed one: encrypted or refused, never plain", () => {
  it.each([
    ["3.600", "ERR_SDK_UNSUPPORTED"],
    ["3.927", "ERR_SDK_UNSUPPORTED"],
    ["3.928", "encrypted"],
    ["newest", "encrypted"],
  ])("%s: %s", async (fixture, expected) => {
    const { results, plaintextSent, spans, plaintextTraced } = await check(fixture);
    expect(results).toEqual(every(expected));
    expect(plaintextSent).toBe(false);
    if (fixture !== "3.928") return;
    // The newest SDK that OpenTelemetry's instrumentation hooks on Node 20; its spans show what went to the service.
    expect(spans?.spans.length).toBeGreaterThan(0);
    expect(spans?.statements.join("")).toContain("aws_dbe_head");
    expect(plaintextTraced).toBe(false);
  });
});
