import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { build } from "tsdown";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleDynalite } from "../../tools/bundle-dynalite.ts";
import { bundledPackages } from "../../tools/bundled-packages.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
let folder: string;

interface Bom {
  readonly components: readonly {
    readonly group?: string;
    readonly name: string;
    readonly version: string;
    readonly licenses: readonly { readonly license: { readonly id: string } }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

async function bundle(entry: string): Promise<void> {
  await build({
    cwd: root,
    config: false,
    logLevel: "silent",
    entry: { bundle: entry },
    outDir: join(folder, "dist"),
    format: ["esm", "cjs"],
    platform: "node",
    dts: false,
    plugins: [bundleDynalite(), bundledPackages()],
  });
}

/** Starts two Regions, writes in one and reads in the other, over HTTP without any client. */
const script = `
async function main({ startLocalGlobalTable }) {
  const key = { KeySchema: [{ AttributeName: "id", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }] };
  const local = await startLocalGlobalTable({ regions: ["us-east-1", "eu-west-1"], tables: [{ TableName: "things", ...key }] });
  const send = async (region, operation, body) => {
    const headers = { "x-amz-target": "DynamoDB_20120810." + operation };
    const answer = await fetch(local.endpoints[region], { method: "POST", headers, body: JSON.stringify({ TableName: "things", ...body }) });
    return answer.json();
  };
  await send("us-east-1", "PutItem", { Item: { id: { S: "1" } } });
  await send("us-east-1", "TransactWriteItems", { TransactItems: [{ Put: { TableName: "things", Item: { id: { S: "2" } } } }] });
  await local.settled();
  console.log((await send("eu-west-1", "Scan", {})).Count);
  await local.stop();
}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaseal-bundle-"));
  await bundle("src/testing/local-global-table/start-local-global-table.ts");
});
// A build that was refused may still be writing.
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));

test.each([
  ["ESM", "run.mjs", `import * as bundle from "./dist/bundle.mjs";${script}main(bundle);`],
  ["CJS", "run.cjs", `${script}main(require("./dist/bundle.cjs"));`],
])("the %s bundle runs in a folder without node_modules", async (_, file, source) => {
  await writeFile(join(folder, file), source);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  expect(stdout.trim()).toBe("2");
});

test("the notices name what was bundled, with its licence, and nothing native", async () => {
  const notices = await readFile(join(folder, "dist", "THIRD_PARTY_NOTICES"), "utf8");
  const names = Array.from(notices.matchAll(/^-{80}\n\n(\S+) \S+ \(\S+\)$/gm), ([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(["abstract-level", "async", "big.js", "dynalite", "memory-level"]));
  expect(names).not.toContain("classic-level");
  expect(notices).toMatch(/dynalite \S+ \(Apache-2.0\)\s+Apache License/);
});

test("the bill of materials names the same packages, and validates as CycloneDX 1.6", async () => {
  const [notices, text] = await Promise.all(
    ["THIRD_PARTY_NOTICES", "bom.cdx.json"].map((name) => readFile(join(folder, "dist", name), "utf8")),
  );
  const named = Array.from((notices ?? "").matchAll(/^-{80}\n\n(\S+) (\S+) \((\S+)\)$/gm), ([, ...parts]) => parts);
  const bom = JSON.parse(text ?? "") as Bom;
  const components = bom.components.map(({ group, name, version, licenses }) => {
    return [group === undefined ? name : `${group}/${name}`, version, licenses[0]?.license.id];
  });
  expect(components.toSorted()).toEqual(named.toSorted());
  const own = bom.dependencies.find(({ ref }) => ref.startsWith("pkg:npm/dynaseal@"));
  expect(own?.dependsOn).toHaveLength(named.length);
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text ?? "")).toBeNull();
});

test("dynalite's own entry point is refused", async () => {
  await expect(bundle("node_modules/dynalite/index.js")).rejects.toThrow(/cannot be bundled/);
});

test("a package under a licence that nobody has accepted fails the build", async () => {
  const odd = join(folder, "node_modules", "odd");
  await mkdir(odd, { recursive: true });
  await writeFile(join(odd, "package.json"), JSON.stringify({ name: "odd", version: "1.0.0", license: "Proprietary", main: "index.js" }));
  await writeFile(join(odd, "index.js"), "module.exports = 1;");
  await writeFile(join(folder, "entry.mjs"), 'export { default } from "odd";');
  await expect(bundle(join(folder, "entry.mjs"))).rejects.toThrow(/odd 1\.0\.0 is bundled under the licence Proprietary/);
});
