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
