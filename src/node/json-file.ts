import { readFileSync, statSync } from "node:fs";
import { decodeUtf8 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { checkJsonText } from "./json-text.ts";

/** Far above what a table needs. */
const maximumFileBytes = 4 * 1024 * 1024;

/**
 * What a JSON file holds.
 *
 * @throws ERR_SCHEMA_FILE where it cannot be read, is too large (4 MiB) or is not UTF-8; ERR_SCHEMA_SYNTAX
 */
export function readJsonFile(file: string): unknown {
  const text = readText(file);
  checkJsonText(text, file);
  return JSON.parse(text);
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
export function reading<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof DynasealError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "there is no such file or folder" : `it cannot be read (${code ?? "unknown reason"})`;
    throw new DynasealError("ERR_SCHEMA_FILE", { details: { file, reason }, cause: error });
  }
}

export function refuse(file: string, reason: string): never {
  throw new DynasealError("ERR_SCHEMA_FILE", { details: { file, reason } });
}
