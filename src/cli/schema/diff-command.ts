import { Command } from "commander";
import { DynasealError } from "../../errors/index.ts";
import { diffSchemas, loadSchemas, type SchemaChange, type SchemaDiff } from "../../node/index.ts";
import type { TableSchema } from "../../schema/index.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, printJson, wantsJson, withOutput } from "../output-option.ts";

interface Options extends OutputOptions {
  readonly failOn?: readonly ("incompatible" | "weaker")[];
}

const rollouts: Readonly<Record<SchemaDiff["compatibility"]["rollout"], string>> = {
  "any-order": "Readers and writers in any order: both versions read what the other one writes.",
  "readers-first": "Every reader first, then writers: the old schema cannot read what the new one writes.",
  "writers-first": "Every writer first, and every item rewritten, then readers: the new schema cannot read what the old one writes.",
  none: "No order works: neither version reads what the other one writes.",
};

/** `dynaseal schema diff OLD NEW`: whether items stay readable, and whether anything gets weaker. */
export function diffCommand(): Command {
  const command = new Command("diff")
    .description("compare two versions of a schema: who has to have the new one first, and whether anything gets weaker")
    .argument("<old>", "the schema file, or folder, that services have now")
    .argument("<new>", "the one that is to be rolled out")
    .option("--fail-on <what...>", "which findings end with exit code 1: incompatible, weaker; both unless given")
    .addHelpText(
      "after",
      "\nExample:\n  git show main:schemas/customers.table.json > old.json && dynaseal schema diff old.json schemas/customers.table.json",
    );
  return withOutput(command).action((before: string, after: string, options: Options) => {
    const failOn = failures(options, command);
    const diffs = pairs(loadSchemas(before), loadSchemas(after)).map(([old, next]) => diffSchemas(old, next));
    if (wantsJson(options)) printJson(diffs);
    else for (const diff of diffs) printDiff(createScreen(process.stdout), diff);
    const fails = diffs.some(
      ({ compatibility, confidentiality }) =>
        (failOn.has("incompatible") && compatibility.breaks.length > 0) || (failOn.has("weaker") && confidentiality.weaker),
    );
    if (fails) process.exitCode = exitCodes.findings;
  });
}

function failures({ failOn = ["incompatible", "weaker"] }: Options, command: Command): ReadonlySet<string> {
  const unknown = failOn.find((what) => what !== "incompatible" && what !== "weaker");
  if (unknown !== undefined) command.error("error: --fail-on takes incompatible and weaker");
  return new Set(failOn);
}

/** By logical table name; two single files are compared whatever their tables are called. */
function pairs(before: readonly TableSchema[], after: readonly TableSchema[]): readonly (readonly [TableSchema, TableSchema])[] {
  const [old, next] = [before[0], after[0]];
  if (before.length === 1 && after.length === 1 && old !== undefined && next !== undefined) return [[old, next]];
  return before.map((one) => {
    const same = after.find(({ tableName }) => tableName === one.tableName);
    if (same !== undefined) return [one, same] as const;
    const problem = {
      path: "tableName",
      problem: `"${one.tableName}" has no schema any more`,
      remedy: "keep the schema as long as the table has items",
    };
    throw new DynasealError("ERR_SCHEMA_INVALID", { details: { ...problem, file: undefined, problems: [problem] } });
  });
}

function printDiff(screen: Screen, { tableName, compatibility, confidentiality }: SchemaDiff): void {
  screen.title(tableName);
  screen.line(`Roll-out: ${rollouts[compatibility.rollout]}`);
  printChanges(screen, "Not readable", compatibility.breaks);
  printChanges(screen, "Until items are rewritten", compatibility.rewrites);
  printChanges(screen, "Weaker", confidentiality.weakened);
  printChanges(screen, "Stronger", confidentiality.strengthened);
}

function printChanges(screen: Screen, heading: string, changes: readonly SchemaChange[]): void {
  if (changes.length === 0) return;
  screen.line(`${heading}:`);
  for (const { change, remedy } of changes) {
    screen.line(`  - ${change}`);
    if (remedy !== "") screen.note(remedy);
  }
}
