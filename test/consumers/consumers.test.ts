import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packedProject, run } from "../support/packed-project.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const tool = (path: string): string => join(root, "node_modules", path);

/** An empty project with the packed tarball and its peers, installed by npm; tools are the repository's. */
let project: string;
/** A folder with no node_modules above it. */
let empty: string;

beforeAll(async () => {
  project = await packedProject();
  empty = await mkdtemp(join(tmpdir(), "dynaseal-empty-"));
  await cp(fixtures, project, { recursive: true });
}, 240_000);

afterAll(async () => {
  await Promise.all([project, empty].map((folder) => rm(folder, { recursive: true, force: true })));
});

describe("the packed tarball in an empty project", () => {
  it("holds the JSON Schema of table files, one dependency, and no script that an installation would run", async () => {
    const of = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(createRequire(join(project, "package.json")).resolve(path), "utf8")) as Record<string, unknown>;
    expect(await of("dynaseal/schemas/table.schema.json")).toHaveProperty("$schema", "https://json-schema.org/draft/2020-12/schema");
    const { dependencies, scripts = {} } = await of("dynaseal/package.json");
    expect(Object.keys(dependencies as object)).toEqual(["valibot"]);
    expect(Object.keys(scripts as object).filter((name) => /^(?:pre|post)?(?:install|prepare)$|^dependencies$/.test(name))).toEqual([]);
  });

  it("an ESM script", async () => {
    expect(await run(project, process.execPath, "esm.mjs")).toBe("consumed\n");
  });

  it("a CJS script", async () => {
    expect(await run(project, process.execPath, "cjs.cjs")).toBe("consumed\n");
  });

  it.each(["raw-key.mjs", "raw-key.cjs"])("keys outside of KMS without the KMS client: %s", async (script) => {
    const installed = join(project, "node_modules/@aws-sdk/client-kms");
    const aside = join(project, "client-kms");
    await rename(installed, aside);
    try {
      expect(await run(project, process.execPath, script)).toBe("ERR_KMS_CLIENT_NOT_INSTALLED\n");
    } finally {
      await rename(aside, installed);
    }
  });

  it.each([
    ["nodenext", "nodenext", "typed.mts"],
    ["nodenext", "nodenext", "typed.cts"],
    ["esnext", "bundler", "typed.ts"],
  ])("TypeScript, module %s, moduleResolution %s, %s", async (module, resolution, file) => {
    await cp(join(fixtures, "typed.ts"), join(project, file));
    const options = ["--strict", "--noEmit", "--target", "es2022", "--module", module, "--moduleResolution", resolution, "--types", "node"];
    expect(await run(project, process.execPath, tool("typescript/bin/tsc"), ...options, file)).toBe("");
  });

  it("Jest, CommonJS, ts-jest", async () => {
    const transform = {
      "^.+\\.ts$": [tool("ts-jest"), { tsconfig: { module: "commonjs", target: "es2022", strict: true, types: ["node"] } }],
    };
    await writeFile(
      join(project, "jest.config.json"),
      JSON.stringify({ testMatch: ["**/jest.test.ts"], transform, testEnvironment: "node" }),
    );
    await mkdir(join(project, "node_modules/@jest"), { recursive: true });
    await symlink(tool("@jest/globals"), join(project, "node_modules/@jest/globals"), "dir");
    await run(project, process.execPath, tool("jest/bin/jest.js"), "--config", "jest.config.json", "--ci");
  });

  it("Vitest", async () => {
    await symlink(tool("vitest"), join(project, "node_modules/vitest"), "dir");
    await run(project, process.execPath, tool("vitest/vitest.mjs"), "run", "vitest.test.ts");
  });

  it.each([
    ["esm", "esm.mjs", "bundle.mjs"],
    ["cjs", "cjs.cjs", "bundle.cjs"],
  ])("an esbuild bundle as %s, run from an empty folder", async (format, entry, output) => {
    // A bundle in ESM has no require of its own for the CommonJS packages in it, as esbuild's documentation says.
    const banner =
      format === "esm"
        ? ['--banner:js=import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);']
        : [];
    const esbuild = [
      "--bundle",
      "--platform=node",
      `--format=${format}`,
      "--log-level=error",
      ...banner,
      `--outfile=${join(empty, output)}`,
    ];
    await run(project, tool("esbuild/bin/esbuild"), entry, ...esbuild);
    expect(await run(empty, process.execPath, output)).toBe("consumed\n");
  });

  it.each([
    ["dynaseal", "encryptedClient"],
    ["dynaseal/node", "loadSchemas"],
    ["dynaseal/testing", "startLocalKms"],
    ["dynaseal/streams", "streamHandler"],
    ["dynaseal/jobs", "tableJob"],
  ])("a bundle of %s for browsers says why it cannot run", async (door, name) => {
    await writeFile(join(project, "browser.mjs"), `import { ${name} } from "${door}";\nconsole.log(${name});\n`);
    const esbuild = ["--bundle", "--platform=browser", "--format=esm", "--log-level=error", `--outfile=${join(empty, "browser.mjs")}`];
    await run(project, tool("esbuild/bin/esbuild"), "browser.mjs", ...esbuild);
    await expect(run(empty, process.execPath, "browser.mjs")).rejects.toThrow("ERR_RUNTIME_UNSUPPORTED");
  });

  it("the README's first example type-checks and runs", async () => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [, example = ""] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    expect(example.trim().split("\n").length).toBeLessThanOrEqual(15);
    await writeFile(join(project, "readme.mts"), example);
    await mkdir(join(project, "schemas"), { recursive: true });
    await cp(join(root, "schemas/customers.table.json"), join(project, "schemas/customers.table.json"));
    const options = ["--strict", "--target", "es2022", "--module", "nodenext", "--resolveJsonModule", "--types", "node", "--skipLibCheck"];
    await run(project, process.execPath, tool("typescript/bin/tsc"), ...options, "readme.mts");
    expect(await run(project, process.execPath, "run-readme.mjs")).toBe("a@example.com\n");
  });

  it("npx dynaseal demo, without development dependencies", async () => {
    const lines = (await run(project, "npx", "--no-install", "dynaseal", "demo")).trimEnd().split("\n");
    const last = "200 items written in us-east-1, 200 read and verified in eu-west-1, 0 plaintext values found in either replica";
    expect(lines.at(-1)).toBe(last);
    expect(lines.join("\n")).not.toContain("\u001b[");
  });
});
