import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Command } from "commander";
import { loadSchemas, schemaTypes } from "../../node/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { schemaFiles } from "./schema-files.ts";

interface Options {
  readonly outDir?: string;
  readonly name?: string;
  readonly check?: true;
}

/** `dynaseal schema types PATH…`: the items and keys of schema files as TypeScript, in files beside them. */
export function typesCommand(): Command {
  const command = new Command("types")
    .description("write customers.table.types.ts beside customers.table.json: the types of its items and its key")
    .argument("<path...>", "schema files, or folders of *.table.json files")
    .option("--out-dir <folder>", "write the files there instead")
    .option("--name <type>", "what the type is called, for a single file; Customer for customers unless given")
    .option("--check", "write nothing, and end with exit code 1 if a file is stale")
    .addHelpText("after", "\nExample:\n  dynaseal schema types schemas --check");
  return command.action((paths: readonly string[], { outDir, name, check }: Options) => {
    const files = paths.flatMap((path) => schemaFiles(path));
    if (name !== undefined && files.length > 1) command.error("error: --name is for a single schema file");
    const stale: string[] = [];
    for (const file of files) {
      const [schema] = loadSchemas(file);
      if (schema === undefined) continue;
      const target = join(outDir ?? dirname(file), basename(file).replace(/\.json$/, ".types.ts"));
      const text = schemaTypes(schema, { file: basename(file), ...(name !== undefined && { name }) });
      if (existsSync(target) && readFileSync(target, "utf8") === text) continue;
      stale.push(target);
      if (check === true) continue;
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
    for (const target of stale) process.stdout.write(`${target} ${check === true ? "is stale" : "written"}\n`);
    if (check === true && stale.length > 0) process.exitCode = exitCodes.findings;
  });
}
