import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toJsonSchema } from "@valibot/to-json-schema";
import { tableDefinition } from "../src/schema/index.ts";

const target = fileURLToPath(new URL("../schemas/table.schema.json", import.meta.url));

// What JSON Schema has no word for (well-formedness, bytes of UTF-8) stays with parseSchema.
const { $schema, title, description, ...rest } = toJsonSchema(tableDefinition, { target: "draft-2020-12", ignoreActions: ["check"] });
const generated = `${JSON.stringify({ $schema, title, description, ...rest }, undefined, 2)}\n`;

if (process.argv.includes("--check")) {
  if (readOrEmpty(target) !== generated) {
    console.error("schemas/table.schema.json is stale: run npm run generate and commit the result.");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, generated);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
