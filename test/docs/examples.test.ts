import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A block of TypeScript, as a file beside the page that shows it, so that relative imports hold. */
interface Example {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

const pages = ["README.md", ...readdirSync(`${root}docs`).map((name) => `docs/${name}`)].filter((page) => page.endsWith(".md"));

/** Blocks that import the package stand alone; others go on where one of these ends, and are not taken. */
function examplesOf(page: string, markdown: string): readonly Example[] {
  const blocks = [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  return blocks
    .filter((text) => /\bfrom "dynaseal(?:\/\w+)?"/.test(text))
    .map((text, index) => {
      const name = `${page}, ${index + 1}`;
      return { name, file: `${root}${page.replace(/\.md$/, "")}.example-${index + 1}.ts`, text };
    });
}

/** What users meet first: each has an example where an editor shows it. */
const firstMet = [
  ...["awsKmsHierarchicalKeyring", "awsKmsKeyring", "awsKmsMrkKeyring", "beaconLengthAdvice", "branchKeyStore", "defaultCmm"],
  ...["defineBranchKeyStore", "defineKeyring", "defineTable", "describeItem", "encryptedClient", "equalityFilter"],
  ...["indexDefinitions", "isDynasealError", "itemEncryptor", "loadConfig", "loadSchemas", "multiKeyring", "parseSchema"],
  ...["rawAesKeyring", "requestOptions", "startLocalGlobalTable", "startLocalKms", "streamDecryptor", "streamHandler", "tableJob"],
  "undecryptableItems",
];

/** The examples of docstrings, by the name that they belong to. */
function docstringExamples(file: string): readonly Example[] {
  const text = readFileSync(`${root}src/${file}`, "utf8");
  const found = text.matchAll(/ \* @example\n \* ```ts\n(.*?)\n \* ```\n(?: \*[^\n]*\n)*? \*\/\nexport (?:async )?function (\w+)/gs);
  return [...found].map(([, block = "", name = ""]) => {
    const lines = block.split("\n").map((line) => line.replace(/^ \* ?/, ""));
    return { name, file: `${root}src/${name}.example.ts`, text: lines.join("\n") };
  });
}

const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const docstrings = sources.flatMap(docstringExamples);
const examples = [...pages.flatMap((page) => examplesOf(page, readFileSync(root + page, "utf8"))), ...docstrings];

/** What shows that the check finds anything: an option that does not exist, and one that has the wrong type. */
const wrong = examplesOf(
  "docs/wrong.md",
  [
    "```ts",
    'import { multiKeyring } from "dynaseal";',
    "multiKeyring({ generators: [] });",
    "```",
    "",
    "```ts",
    'import { startLocalKms } from "dynaseal/testing";',
    'await startLocalKms({ regions: "eu-west-1" });',
    "```",
    "",
    "```ts",
    'import { loadSchema } from "dynaseal/node";',
    "```",
    "",
  ].join("\n"),
);

/** All of them in one program: reading the types of the AWS SDK is what takes the time. */
function problems(checked: readonly Example[]): ReadonlyMap<string, readonly string[]> {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const program = ts.createProgram({
    rootNames: checked.map(({ file }) => file),
    options: {
      ...options,
      // An example may end with what it makes.
      noUnusedLocals: false,
      paths: { dynaseal: [`${root}src/index.ts`], "dynaseal/*": [`${root}src/*/index.ts`] },
    },
    host: hostWith(options, new Map(checked.map(({ file, text }) => [file, text]))),
  });
  const messages = (file: string): readonly string[] => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  };
  return new Map(checked.map(({ name, file }) => [name, messages(file)]));
}

function hostWith(options: ts.CompilerOptions, texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  // The host's getSourceFile reads through readFile, so that these two are enough.
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  return host;
}

describe("examples in the documentation", () => {
  let found: ReadonlyMap<string, readonly string[]> = new Map();
  beforeAll(() => {
    found = problems([...examples, ...wrong]);
  });

  it("are found", () => {
    expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(["README.md, 1", "docs/key-store.md, 1"]));
    expect(docstrings.map(({ name }) => name)).toEqual(expect.arrayContaining(firstMet));
  });

  it("stand in as many docstrings as say so", () => {
    const said = sources.flatMap((file) => readFileSync(`${root}src/${file}`, "utf8").match(/ \* @example\b/g) ?? []);
    expect(docstrings).toHaveLength(said.length);
  });

  it.each(examples.map(({ name }) => name))("%s is right", (name) => {
    expect(found.get(name)).toEqual([]);
  });

  it.each([
    ["docs/wrong.md, 1", /'generators' does not exist/],
    ["docs/wrong.md, 2", /not assignable/],
    ["docs/wrong.md, 3", /no exported member .*'loadSchema'/],
  ])("a mistake in %s would be told", (name, message) => {
    expect(found.get(name)).toEqual([expect.stringMatching(message)]);
  });
});
