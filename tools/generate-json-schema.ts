import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { configDefinition } from "../src/node/index.ts";
import { attributesFileDefinition, tableDefinition } from "../src/schema/index.ts";

const definitions = {
  "table.schema.json": tableDefinition,
  "attributes.schema.json": attributesFileDefinition,
  "config.schema.json": configDefinition,
};

for (const [name, definition] of Object.entries(definitions)) {
  const target = fileURLToPath(new URL(`../schemas/${name}`, import.meta.url));
  // What JSON Schema has no word for (well-formedness, bytes of UTF-8) stays with parseSchema.
  const { $schema, title, description, ...rest } = toJsonSchema(definition, { target: "draft-2020-12", ignoreActions: ["check"] });
  const generated = `${JSON.stringify({ $schema, title, description, ...rest }, undefined, 2)}\n`;
  if (!process.argv.includes("--check")) {
    writeFileSync(target, generated);
  } else if (readOrEmpty(target) !== generated) {
    console.error(`schemas/${name} is stale: run npm run generate and commit the result.`);
    process.exitCode = 1;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
