import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { compareUtf16 } from "../../bytes/index.ts";

/** The schema files of a path: itself, or the `*.table.json` of a folder. What is wrong with it loadSchemas says. */
export function schemaFiles(path: string): readonly string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith(".table.json"))
    .sort(compareUtf16)
    .map((name) => join(path, name));
}
