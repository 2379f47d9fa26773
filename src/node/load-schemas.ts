import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareUtf16, decodeUtf8 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { parseSchema, type TableSchema } from "../schema/index.ts";
import { checkJsonText } from "./json-text.ts";

/** Far above what a table needs. */
const maximumFileBytes = 4 * 1024 * 1024;

/**
 * The schemas of one file (`*.json`), or of every `*.table.json` directly in a folder, in the order of their names.
 *
 * Reads synchronously: it runs once, when a service starts.
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
  const text = readText(file);
  checkJsonText(text, file);
  return parseSchema(JSON.parse(text), { file });
}

function readText(file: string): string {
  const bytes = reading(file, () => readBounded(file));
  const text = decodeUtf8(bytes);
  if (text === undefined) refuse(file, "the file is not UTF-8");
  // Some editors begin UTF-8 files with a byte order mark, which is no part of the JSON.
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function readBounded(file: string): Uint8Array {
  // Asked before opening: to open a named pipe would wait for its writer.
  const stat = statSync(file);
  if (!stat.isFile()) refuse(file, "it is no regular file");
  if (stat.size > maximumFileBytes) refuse(file, `the file holds ${stat.size} bytes, more than ${maximumFileBytes}`);
  return readFileSync(file);
}

/** Gives failures of the file system our code; the system's own error is the cause. */
function reading<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof DynasealError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "there is no such file or folder" : `it cannot be read (${code ?? "unknown reason"})`;
    throw new DynasealError("ERR_SCHEMA_FILE", { details: { file, reason }, cause: error });
  }
}

function refuse(file: string, reason: string): never {
  throw new DynasealError("ERR_SCHEMA_FILE", { details: { file, reason } });
}
