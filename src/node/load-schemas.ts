import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareUtf16 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { parseSchema, type TableSchema } from "../schema/index.ts";
import { withIncluded } from "./included-attributes.ts";
import { reading, readJsonFile, refuse } from "./json-file.ts";

/**
 * The schemas of one file (`*.json`), or of every `*.table.json` directly in a folder, in the order of their names.
 *
 * Reads synchronously: it runs once, when a service starts. `include` names files `*.attributes.json`, by paths relative to
 * the schema file, whose attributes are added to the table's; one that is defined twice is an error, so that no file takes
 * back what another one protects.
 *
 * @example
 * ```ts
 * import { loadSchemas } from "dynaseal/node";
 *
 * const schemas = loadSchemas(new URL("./schemas", import.meta.url));
 * console.log(schemas.map(({ tableName }) => tableName));
 * ```
 *
 * @param path a path, or a `file:` URL such as `new URL("./schemas", import.meta.url)`
 * @throws ERR_SCHEMA_FILE where a file cannot be read, is too large (4 MiB) or is not UTF-8, or a folder holds no schema
 * @throws ERR_SCHEMA_SYNTAX with line and column
 * @throws ERR_SCHEMA_INVALID with the file's name
 * @throws ERR_SCHEMA_DUPLICATE_TABLE
 */
export function loadSchemas(path: string | URL): TableSchema[] {
  const files = filesAt(typeof path === "string" ? path : fileURLToPath(path));
  const fileOfTable = new Map<string, string>();
  return files.map((file) => {
    const schema = loadSchema(file);
    const first = fileOfTable.get(schema.tableName);
    if (first !== undefined) {
      throw new DynasealError("ERR_SCHEMA_DUPLICATE_TABLE", { details: { table: schema.tableName, files: [first, file] } });
    }
    fileOfTable.set(schema.tableName, file);
    return schema;
  });
}

function filesAt(path: string): readonly string[] {
  const isFolder = reading(path, () => statSync(path).isDirectory());
  if (!isFolder) {
    if (!path.endsWith(".json")) refuse(path, "its name does not end in .json");
    return [path];
  }
  const names = reading(path, () => readdirSync(path)).filter((name) => name.endsWith(".table.json"));
  if (names.length === 0) refuse(path, "the folder holds no *.table.json file");
  return names.sort(compareUtf16).map((name) => join(path, name));
}

function loadSchema(file: string): TableSchema {
  return parseSchema(withIncluded(readJsonFile(file), file), { file });
}
