import { describe, expect, it } from "vitest";
import { fileProblems, maxLines } from "../../tools/file-problems.ts";

describe("the check of files", () => {
  // In pieces, so that this file passes the check itself.
  it.each([
    ["a path of one machine", "src/a.ts", `const folder = "${["", "home", "me", "x"].join("/")}";`],
    ["a promise for later: do it, or leave it out", "docs/a.md", `Here be dragons. ${"TO"}DO`],
    ["a check that is switched off", "src/a.ts", `// ${"biome"}-ignore lint: no`],
    ["a check that is switched off", "test/a.test.ts", `// ${"@ts"}-ignore`],
    ["a test that is left out", "test/a.test.ts", `it${".skip"}("later", () => {});`],
    ["a test that is left out", "test/a.test.ts", `describe.concurrent${".only"}("first", () => {});`],
  ])("finds %s in %s", (says, path, line) => {
    expect(fileProblems(path, `// first\n${line}\n`)).toEqual([`${path}:2: ${says}`]);
  });

  it("finds a file that is too long, but not one that just fits", () => {
    expect(fileProblems("src/a.ts", "x\n".repeat(maxLines))).toEqual([]);
    expect(fileProblems("src/a.ts", "x\n".repeat(maxLines + 1))).toEqual([
      `src/a.ts: ${maxLines + 1} lines, at most ${maxLines}: divide it`,
    ]);
  });

  it("lets data be as it is", () => {
    expect(fileProblems("test/vectors/java/items.json", "x\n".repeat(1000))).toEqual([]);
  });

  it("passes ordinary text", () => {
    expect(fileProblems("src/a.ts", 'import { it } from "vitest";\nconst url = "https://example.com/home/me";\n')).toEqual([]);
  });
});
