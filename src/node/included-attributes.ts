import { dirname, resolve } from "node:path";
import { DynasealError } from "../errors/index.ts";
import { parseAttributes } from "../schema/index.ts";
import { readJsonFile, refuse } from "./json-file.ts";

const ending = ".attributes.json";

/** As many files as a table might share attributes with. */
const maximumFiles = 100;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The schema of a file with the attributes of the files that it includes, and without `include`. What is not an object,
 * or includes what is not a list of texts, is left to `parseSchema` to refuse.
 *
 * @throws ERR_SCHEMA_FILE, ERR_SCHEMA_SYNTAX, ERR_SCHEMA_INVALID where an attribute is defined twice
 */
export function withIncluded(schema: unknown, file: string): unknown {
  if (!isObject(schema) || !Object.hasOwn(schema, "include")) return schema;
  const { include, attributes, ...rest } = schema;
  if (!isObject(attributes) || !Array.isArray(include) || include.length === 0) return schema;
  if (include.length > maximumFiles || include.some((path) => typeof path !== "string")) return schema;
  const merged = Object.assign(Object.create(null) as Record<string, unknown>, attributes);
  const origins = new Map(Object.keys(attributes).map((name) => [name, file]));
  for (const path of include as readonly string[]) {
    const from = resolve(dirname(file), path);
    for (const [name, input] of Object.entries(attributesOf(from))) {
      const first = origins.get(name);
      if (first !== undefined) throw definedTwice({ file: from, name, first });
      origins.set(name, from);
      merged[name] = input;
    }
  }
  return { ...rest, attributes: merged };
}

function attributesOf(file: string): JsonObject {
  if (!file.endsWith(ending)) refuse(file, `its name does not end in ${ending}`);
  return parseAttributes(readJsonFile(file), file);
}

function definedTwice({ file, name, first }: { readonly file: string; readonly name: string; readonly first: string }): DynasealError {
  const problem = {
    path: `attributes.${name}`,
    problem: `is defined in ${first} too`,
    remedy: "define it in one file only, so that neither can take back what the other one protects",
  };
  return new DynasealError("ERR_SCHEMA_INVALID", { details: { ...problem, file, problems: [problem] } });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
