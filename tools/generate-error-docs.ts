/** Writes docs/error-codes.md from the table in src/errors; with `--check` fails where the file is stale. */
import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "../src/errors/index.ts";

const file = new URL("../docs/error-codes.md", import.meta.url);

/** Details stand for themselves in the texts: `${details.tableName}` reads as ‹tableName›. */
const placeholders: object = new Proxy(
  {},
  { get: (_target, name) => (typeof name === "string" ? Object.assign([`‹${name}›`], { toString: () => `‹${name}›` }) : undefined) },
);

function text(part: unknown): string {
  if (typeof part === "string") return part;
  try {
    return String((part as (details: object) => string)(placeholders));
  } catch {
    return "Depends on the details; see the message.";
  }
}

const cell = (value: string): string => value.replaceAll("|", "\\|").replaceAll("\n", " ");
const rows = Object.entries(errorTable)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { meaning, hint }]) => `| \`${code}\` | ${cell(text(meaning))} | ${cell(text(hint))} |`);
const content = `# Error codes

Every failure of the library is a \`DynasealError\` with a \`code\`, typed \`details\` and a \`hint\`. Failures of the service that
are not ours (a condition that does not hold, throttling by DynamoDB) keep the service's own class. Written by
\`npm run generate\`; names in ‹ › are taken from the details.

| code | what happened | what to do |
| --- | --- | --- |
${rows.join("\n")}
`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== content) {
    console.error("docs/error-codes.md is stale: run npm run generate");
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, content);
}
