import { Command } from "commander";
import { type LintFinding, lintSchemas, loadSchemas, type ReadConfig, readConfig, readJsonFile } from "../../node/index.ts";
import { createScreen } from "../demo/screen.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, printJson, wantsJson, withOutput } from "../output-option.ts";

interface Options extends OutputOptions {
  readonly config?: string;
  readonly policy?: readonly string[];
  readonly streamFilter?: readonly string[];
}

/** `dynaseal schema lint PATH…`: what schema files would better not say. */
export function lintCommand(): Command {
  const command = new Command("lint")
    .description("find what hides less, or does less, than a schema's author might think")
    .argument("<path...>", "schema files, or folders of *.table.json files")
    .option("--config <file>", "dynaseal.config.json: also looks at table names and keyrings")
    .option("--policy <file...>", "IAM policies: finds conditions that an encrypted client cannot fulfil")
    .option("--stream-filter <table=file...>", "filter patterns of event source mappings, by logical table name")
    .addHelpText(
      "after",
      "\nExamples:\n  dynaseal schema lint schemas\n  dynaseal schema lint schemas --config prod.config.json --stream-filter orders=filter.json",
    );
  return withOutput(command).action((paths: readonly string[], options: Options) => {
    const findings = lintSchemas({
      schemas: paths.flatMap((path) => loadSchemas(path)),
      ...aroundTheSchemas(options.config === undefined ? undefined : readConfig(options.config)),
      policies: (options.policy ?? []).map((file) => readJsonFile(file)),
      streamFilters: streamFilters(options.streamFilter ?? [], command),
      today: new Date().toISOString().slice(0, 10),
    });
    if (wantsJson(options)) printJson(findings);
    else print(findings);
    if (findings.length > 0) process.exitCode = exitCodes.findings;
  });
}

function aroundTheSchemas(read: ReadConfig | undefined): Partial<Parameters<typeof lintSchemas>[0]> {
  if (read === undefined) return {};
  const { tableNames = new Map(), keyring, keyrings = new Map() } = read.config;
  const isHierarchical = (one: typeof keyring): boolean => one?.awsKmsHierarchicalKeyring !== undefined;
  return {
    tableNames: Object.fromEntries(tableNames),
    hierarchicalTables: isHierarchical(keyring) ? "all" : [...keyrings].flatMap(([name, one]) => (isHierarchical(one) ? [name] : [])),
  };
}

function streamFilters(given: readonly string[], command: Command): Record<string, readonly unknown[]> {
  const filters: Record<string, unknown[]> = {};
  for (const text of given) {
    const [table, ...rest] = text.split("=");
    if (table === undefined || table === "" || rest.length === 0) command.error("error: --stream-filter takes TABLE=FILE");
    const content = readJsonFile(rest.join("="));
    filters[table ?? ""] = [...(filters[table ?? ""] ?? []), ...(Array.isArray(content) ? content : [content])];
  }
  return filters;
}

function print(findings: readonly LintFinding[]): void {
  const screen = createScreen(process.stdout);
  for (const { rule, tableName, subject, problem, remedy } of findings) {
    screen.line(`${tableName}: ${subject} ${problem}. [${rule}]`);
    screen.note(remedy);
  }
  screen.line(findings.length === 0 ? "Nothing found." : `${findings.length} found.`);
}
