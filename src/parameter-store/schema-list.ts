import { DynasealError } from "../errors/index.ts";
import { parseSchema, type TableSchema } from "../schema/index.ts";

export type { TableSchema } from "../schema/index.ts";

/** One text for all schemas, the same for the same schemas. */
export function serializeSchemaList(schemas: readonly TableSchema[]): string {
  return JSON.stringify(schemas);
}

/** `undefined` where the text is no list. @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_VERSION */
export function parseSchemaList(text: string, file: string): TableSchema[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length === 0) return undefined;
  return parsed.map((schema: object) => parseSchema(schema, { file }));
}

/** One schema for each table. @throws ERR_SCHEMA_DUPLICATE_TABLE */
export function requireOneEach(schemas: readonly TableSchema[], ...files: readonly string[]): void {
  const tables = new Set<string>();
  for (const { tableName: table } of schemas) {
    if (tables.has(table)) throw new DynasealError("ERR_SCHEMA_DUPLICATE_TABLE", { details: { table, files } });
    tables.add(table);
  }
}
