import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Pages whose blocks of TypeScript are whole programs that assert what they show. `dynaseal` is the source. */
const pages = ["docs/testing.md"];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaseal-docs-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "programs"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const paths = { dynaseal: [`${root}src/index.ts`], "dynaseal/*": [`${root}src/*/index.ts`] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions: { paths } }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runProgram(text: string): Promise<string> {
  const file = join(folder, "programs", "program.ts");
  await writeFile(file, text);
  // Node's test runner tells in an environment of its own that it was started by another one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(join(root, "node_modules/.bin/tsx"), ["--tsconfig", join(folder, "tsconfig.json"), file], {
    env,
  });
  return stdout;
}

describe.each(pages)("%s runs as it stands", (page) => {
  it("block by block", async () => {
    const blocks = [...(await readFile(root + page, "utf8")).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) {
      expect(block).toContain("node:assert");
      await expect(runProgram(block)).resolves.toEqual(expect.any(String));
    }
  });

  it("and a program whose assertion is wrong fails", async () => {
    const [block = ""] = /^import assert[^`]*/m.exec(await readFile(root + page, "utf8")) ?? [];
    const wrong = block.replace('"email"], "ann@example.com"', '"email"], "bob@example.com"');
    expect(wrong).not.toBe(block);
    await expect(runProgram(wrong)).rejects.toThrow();
  });
});
