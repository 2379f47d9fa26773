import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sectionsOf } from "../../tools/check-spec/clauses.ts";
import { conformance } from "../../tools/check-spec/conformance.ts";
import { markersOf } from "../../tools/check-spec/markers.ts";
import { type Checkout, differences, printTable, readCheckout, toTable } from "../../tools/check-spec/specification.ts";
import { type TraceInput, trace } from "../../tools/check-spec/trace.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
const texts = (markdown: string): string[] => sectionsOf(markdown).flatMap(({ clauses }) => clauses.map(({ text }) => text));

describe("the clauses of a specification", () => {
  it("are its sentences with a keyword, without links, emphasis and line breaks", () => {
    const markdown = "# T\n\n## One\n\nFree text. The [length](./a.md#b) MUST\nbe **4**. It may be read.\n\n## Two\n\nIt MAY `rest`.\n";
    expect(sectionsOf(markdown)).toEqual([
      { name: "T", clauses: [] },
      { name: "One", clauses: [{ text: "The length MUST be 4 .", hash: hash("The length MUST be 4 .") }] },
      { name: "Two", clauses: [{ text: "It MAY rest .", hash: hash("It MAY rest .") }] },
    ]);
  });

  it("take in the list or table that they announce, so that a changed row is a changed clause", () => {
    expect(texts("## S\n\nIt MUST be\n\n| a | b |\n| --- | --- |\n| 1 | two |\n")).toEqual(["It MUST be a b 1 two"]);
    expect(texts("## S\n\nIt MUST hold:\n\n- one\n  and more\n- two\n\nNothing else.\n\n- three\n")).toEqual([
      "It MUST hold: one and more two",
    ]);
  });

  it("are each item of a list that has a keyword of its own", () => {
    expect(texts("## S\n\nThe caller:\n\n1. MUST give a\n2. gives b\n3. MAY give c\n")).toEqual(["MUST give a gives b", "MAY give c"]);
  });

  it("are not the words themselves, nor what code says", () => {
    expect(texts('## Conventions used in this document\n\nThe word MUST is strong.\n\n## S\n\nThe key word "MUST" is one.\n')).toEqual([]);
    expect(sectionsOf("## S\n\n```\n# no heading\n```\n").map(({ name }) => name)).toEqual(["S"]);
  });
});

describe("markers", () => {
  // In pieces, so that this file cites nothing itself.
  const see = `@${"see"}`;

  it("name sections, several of a file and several files", () => {
    const line = ` * ${see} framework/a.md "One", "Two"; specification/x/b.md "Three"`;
    expect(markersOf("src/x.ts", `\n${line}`)).toEqual([
      { place: "src/x.ts:2", file: "framework/a.md", section: "One" },
      { place: "src/x.ts:2", file: "framework/a.md", section: "Two" },
      { place: "src/x.ts:2", file: "specification/x/b.md", section: "Three" },
    ]);
  });

  it("name a file alone, and nothing outside the specifications", () => {
    expect(markersOf("t.ts", `/** ${see} framework/a.md */`)).toEqual([{ place: "t.ts:1", file: "framework/a.md", section: undefined }]);
    expect(markersOf("t.ts", `/** ${see} Amazon DynamoDB Developer Guide "Using" */`)).toEqual([]);
  });
});

describe("a checkout of the specifications", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaseal-spec-"));
    await write("specification/a.md", "## One\n\nIt MUST be a. It MUST be b.\n");
    await write("specification/changes/b.md", "## Idea\n\nIt MUST be aside.\n");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const read = (): Checkout => readCheckout(folder, () => "c0ffee");

  it("becomes a table of counts and hashes without a sentence", () => {
    const table = toTable(read());
    expect(table).toEqual({
      sources: [{ repository: "aws/aws-database-encryption-sdk-dynamodb", commit: "c0ffee" }],
      files: { "specification/a.md": { One: { count: 2, hashes: [hash("It MUST be a."), hash("It MUST be b.")] } } },
    });
    expect(JSON.parse(printTable(table))).toEqual(table);
    expect(differences(table, read())).toEqual([]);
  });

  it("is compared clause by clause", async () => {
    const table = toTable(read());
    await write("specification/a.md", "## One\n\nIt MUST be a. It MUST be c.\n\n## Two\n\nIt MAY be d.\n");
    expect(differences(table, read())).toEqual([
      `specification/a.md "One" ${hash("It MUST be b.")} changed to ${hash("It MUST be c.")}: It MUST be c.`,
      `specification/a.md "Two" ${hash("It MAY be d.")} new: It MAY be d.`,
    ]);
    await write("specification/a.md", "## One\n\nIt MUST be b.\n");
    expect(differences(table, read())).toEqual([`specification/a.md "One" ${hash("It MUST be a.")} vanished`]);
  });

  it("is found beside the other one, or as its submodule", async () => {
    const other = "submodules/MaterialProviders/aws-encryption-sdk-specification";
    await write(`${other}/framework/f.md`, "## F\n\nIt MUST be f.\n");
    await write(`${other}/data-format/d.md`, "## D\n\nIt MUST be d.\n");
    expect([...read().specifications.keys()]).toEqual(["specification/a.md", "framework/f.md", "data-format/d.md"]);
  });

  it("has to hold one of the two", () => {
    expect(() => readCheckout(join(folder, "specification"), () => "")).toThrow(/neither/);
  });
});

describe("the trace", () => {
  const table = {
    sources: [{ repository: "r", commit: "c0ffee" }],
    files: { "framework/a.md": { One: { count: 2, hashes: ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] }, Two: { count: 0, hashes: [] } } },
  };
  const cites = (place: string, section: string | undefined = "One") => [{ place, file: "framework/a.md", section }];
  const good: TraceInput = {
    table,
    exceptions: "# a comment\n",
    differences: "| we do so | they do not |\n",
    sourceMarkers: cites("src/a.ts:1"),
    testMarkers: cites("test/a.ts:1"),
    fileExists: (path) => path === "src/a.ts",
  };
  const problems = (change: Partial<TraceInput>): readonly string[] => trace({ ...good, ...change }).problems;
  const one = 'framework/a.md "One"';

  it("is whole where source and test cite every section", () => {
    expect(problems({})).toEqual([]);
    expect(conformance(table, trace(good).clauses)).toContain("| **all** | 2 | 2 |  |  |  |  |");
  });

  it.each<[string, Partial<TraceInput>, string]>([
    ["no source cites a section", { sourceMarkers: [] }, `${one}: 2 clauses are not listed, and nothing in src/ cites the section`],
    ["no test cites a section", { testMarkers: [] }, `${one}: 2 clauses are not listed, and nothing in test/ cites the section`],
    [
      "only the file is cited",
      { testMarkers: [{ place: "t", file: "framework/a.md", section: undefined }] },
      `${one}: 2 clauses are not listed, and nothing in test/ cites the section`,
    ],
    [
      "a marker names no file",
      { sourceMarkers: [...good.sourceMarkers, { place: "src/b.ts:7", file: "framework/x.md", section: "One" }] },
      "src/b.ts:7: framework/x.md is not a file of the specifications",
    ],
    [
      "a marker names no section",
      { testMarkers: [...good.testMarkers, ...cites("test/b.ts:7", "Three")] },
      'test/b.ts:7: framework/a.md has no section "Three"',
    ],
    [
      "a verdict is unknown",
      { exceptions: `${one}\tfine\tbecause\n` },
      'spec/trace.tsv:1: "fine" is not one of met-elsewhere, differs, not-applicable, open',
    ],
    ["a reason is missing", { exceptions: `${one}\topen\t\n` }, "spec/trace.tsv:1: no reason is given"],
    [
      "an exception is about nothing",
      { exceptions: 'framework/a.md "Two"\topen\tsoon\n' },
      'spec/trace.tsv:1: framework/a.md "Two" is no clause of the specifications',
    ],
    [
      "a difference is not documented",
      { exceptions: `${one}\tdiffers\tbecause\twe do otherwise\n` },
      'spec/trace.tsv:1: docs/differences.md has no line "we do otherwise"',
    ],
    ["a difference names no line", { exceptions: `${one}\tdiffers\tbecause\n` }, 'spec/trace.tsv:1: docs/differences.md has no line ""'],
    [
      "what meets a clause is gone",
      { exceptions: `${one}\tmet-elsewhere\tbecause\tsrc/b.ts\n` },
      'spec/trace.tsv:1: there is no file "src/b.ts"',
    ],
    [
      "a count is wrong",
      { table: { ...table, files: { "framework/a.md": { One: { count: 3, hashes: ["aaaaaaaaaaaa"] } } } } },
      `spec/clauses.json: ${one} does not have as many hashes as it counts`,
    ],
  ])("says so if %s", (_when, change, problem) => {
    expect(problems(change)).toContain(problem);
  });

  it("lets exceptions speak for a clause, a section, a file or a folder, the most particular first", () => {
    const exceptions = `framework/\tnot-applicable\tanother format\n${one} bbbbbbbbbbbb\tdiffers\tbetter so\twe do so\n`;
    const traced = trace({ ...good, exceptions, sourceMarkers: [], testMarkers: [] });
    expect(traced.problems).toEqual([]);
    expect(traced.clauses.map(({ exception }) => exception?.verdict)).toEqual(["not-applicable", "differs"]);
    const document = conformance(table, traced.clauses);
    expect(document).toContain("| `framework/a.md` | 2 |  |  | 1 | 1 |  |");
    expect(document).toContain('| `framework/a.md` "One" bbbbbbbbbbbb | 1 | better so |');
    expect(document).toContain("## Open\n\nNone.");
  });
});
