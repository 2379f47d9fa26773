import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from "dependency-cruiser";
import { expect, it } from "vitest";

interface Configuration extends IFlattenedRuleSet {
  readonly options: ICruiseOptions;
}

const { options, ...ruleSet } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as Configuration;

/** The names of the rules that a house of these files breaks. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const baseDir = await mkdtemp(join(tmpdir(), "dynaseal-rooms-"));
  try {
    const house = {
      "package.json": '{ "dependencies": {} }',
      "tsconfig.json": '{ "compilerOptions": { "allowImportingTsExtensions": true } }',
    };
    for (const [path, text] of Object.entries({ ...house, ...files })) {
      await mkdir(dirname(join(baseDir, path)), { recursive: true });
      await writeFile(join(baseDir, path), text);
    }
    const { tsConfig: _, ...rest } = options;
    const { output } = await cruise(["src"], { ...rest, baseDir, validate: true, ruleSet });
    return (output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
  } finally {
    await rm(baseDir, { recursive: true, force: true });
  }
}

const door = (room: string): Readonly<Record<string, string>> => ({ [`src/${room}/index.ts`]: `export const ${room} = 1;\n` });
const opens = (room: string): string => `export { ${room} } from "../${room}/index.ts";\n`;

it.each([
  ["crypto", "structure"],
  ["materials", "keyrings"],
  ["structure", "item"],
  ["operations", "client"],
  ["client", "testing"],
  ["testing", "cli"],
])("an import from %s up to %s fails", async (lower, upper) => {
  const found = await broken({ ...door(upper), [`src/${lower}/index.ts`]: opens(upper) });
  expect(found).toEqual([`${lower}-imports-only-lower-rooms`]);
});

it("an import of a room on the same level fails", async () => {
  expect(await broken({ ...door("keyrings"), "src/item/index.ts": opens("keyrings") })).toEqual(["item-imports-only-lower-rooms"]);
});

it("an import of types only fails as well", async () => {
  const upward = 'import type { Item } from "../item/index.ts";\nexport type Same = Item;\n';
  const found = await broken({ "src/item/index.ts": "export type Item = string;\n", "src/crypto/index.ts": upward });
  expect(found).toEqual(["crypto-imports-only-lower-rooms"]);
});

it("an import past a room's index.ts fails", async () => {
  const found = await broken({
    "src/bytes/reader.ts": "export const reader = 1;\n",
    "src/item/index.ts": 'export * from "../bytes/reader.ts";\n',
  });
  expect(found).toEqual(["bytes-through-its-index"]);
});

it("errors imports no other room, and bytes only errors", async () => {
  expect(await broken({ ...door("bytes"), "src/errors/index.ts": opens("bytes") })).toContain("errors-imports-no-room");
  expect(await broken({ ...door("errors"), "src/bytes/index.ts": opens("errors") })).toEqual([]);
  expect(await broken({ ...door("crypto"), "src/bytes/index.ts": opens("crypto") })).toContain("bytes-imports-only-errors");
});

it("a room that has no level fails, on either end of an import", async () => {
  expect(await broken({ ...door("bytes"), "src/attic/index.ts": opens("bytes") })).toEqual(["every-room-has-a-level"]);
  expect(await broken({ ...door("attic"), "src/item/index.ts": opens("attic") })).toEqual(["every-room-has-a-level"]);
});

it("a cycle inside a room fails", async () => {
  const found = await broken({
    "src/item/index.ts": 'export * from "./other.ts";\nexport const item = 1;\n',
    "src/item/other.ts": 'import { item } from "./index.ts";\nexport const other = item;\n',
  });
  expect(new Set(found)).toEqual(new Set(["no-cycles"]));
});

it.each([
  ["node:crypto", "item", "node-crypto-only-in-crypto"],
  ["node:fs", "client", "no-file-system-in-the-library"],
  ["node:fs/promises", "schema", "no-file-system-in-the-library"],
  ["left-pad", "item", "only-declared-packages"],
])("%s in %s fails", async (module, room, rule) => {
  expect(await broken({ [`src/${room}/index.ts`]: `import * as it from "${module}";\nexport const used = it;\n` })).toEqual([rule]);
});

it("imports of lower rooms through their doors pass", async () => {
  const files = { ...door("errors"), ...door("bytes"), "src/crypto/index.ts": 'import "node:crypto";\nexport const crypto = 1;\n' };
  expect(await broken({ ...files, "src/item/index.ts": opens("errors") + opens("bytes") + opens("crypto") })).toEqual([]);
});
