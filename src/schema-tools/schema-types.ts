import { type AttributeInput, type AttributeType, parseSchema, type TableSchema } from "../schema/index.ts";

const typeTexts: Readonly<Record<AttributeType, string>> = {
  string: "string",
  number: "number",
  boolean: "boolean",
  null: "null",
  binary: "Uint8Array",
  list: "readonly unknown[]",
  map: "{ readonly [name: string]: unknown }",
  stringSet: "ReadonlySet<string>",
  numberSet: "ReadonlySet<number>",
  binarySet: "ReadonlySet<Uint8Array>",
};

const anyKey = "string | number | Uint8Array";

/** What the text of the types says beside the schema. */
export interface SchemaTypesOptions {
  /** The schema's file, named at the beginning of the text. */
  readonly file: string;
  /** The name of the type; by default that of the table in the singular: `Customer` for `customers`. */
  readonly name?: string | undefined;
}

/**
 * The items and keys of a table as TypeScript, for schema files: their literals are widened when they are imported, so
 * that `ItemOf` knows nothing of them. Gives `export type Customer` and `export type CustomerKey`, and, for a table with
 * entities, one type for each of them.
 *
 * @throws ERR_SCHEMA_INVALID
 */
export function schemaTypes(schema: TableSchema | object, { file, name }: SchemaTypesOptions): string {
  const table = parseSchema(schema);
  const type = name ?? typeName(singular(table.tableName));
  const key = keyNames(table).map((attribute) => member(attribute, table.attributes[attribute], anyKey));
  const own = Object.entries(table.attributes)
    .filter(([attribute]) => !keyNames(table).includes(attribute))
    .map(([attribute, input]) => [attribute, member(attribute, input, "unknown")] as const);
  const others = table.otherAttributes === undefined ? [] : ["readonly [name: string]: unknown;"];
  const entities = Object.entries(table.entities ?? {}).map(([entity, { when, attributes }]) => {
    const told = Object.entries(when).map(([attribute, text]) => `${propertyName(attribute)}: ${JSON.stringify(text)};`);
    const members = Object.entries(attributes)
      .filter(([attribute]) => !Object.hasOwn(when, attribute))
      .map(([attribute, input]) => member(attribute, input, "unknown"));
    const hides = new Set([...Object.keys(when), ...Object.keys(attributes)]);
    const rest = own.filter(([attribute]) => !hides.has(attribute)).map(([, text]) => text);
    return { entityType: `${type}${typeName(entity)}`, members: [...key, ...told, ...rest, ...members, ...others] };
  });
  const header = `// Made by "dynaseal schema types" from ${JSON.stringify(file)}: change the schema and make it anew.\n`;
  const items =
    entities.length === 0
      ? [exportType(type, [...key, ...own.map(([, text]) => text), ...others])]
      : [
          ...entities.map(({ entityType, members }) => exportType(entityType, members)),
          `export type ${type} = ${entities.map(({ entityType }) => entityType).join(" | ")};\n`,
        ];
  return [header, ...items, exportType(`${type}Key`, key)].join("\n");
}

function keyNames({ partitionKey, sortKey }: TableSchema): readonly string[] {
  return sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
}

function member(attribute: string, input: AttributeInput | undefined, unknown: string): string {
  const { type = undefined, optional = false } = typeof input === "object" ? input : {};
  return `${propertyName(attribute)}${optional ? "?" : ""}: ${type === undefined ? unknown : typeTexts[type]};`;
}

function exportType(name: string, members: readonly string[]): string {
  return `export type ${name} = {\n${members.map((text) => `  ${text}\n`).join("")}};\n`;
}

function propertyName(attribute: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(attribute) && attribute !== "__proto__" ? attribute : JSON.stringify(attribute);
}

/** `order-lines` → `OrderLines`. */
function typeName(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return /^[A-Z]/.test(name) ? name : `Item${name}`;
}

function singular(text: string): string {
  if (/ies$/i.test(text)) return text.replace(/ies$/i, "y");
  if (/(?:ss|x|ch|sh)es$/i.test(text)) return text.replace(/es$/i, "");
  return /[^su]s$/i.test(text) ? text.slice(0, -1) : text;
}
