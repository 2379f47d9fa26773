/**
 * Holds sources, tests and documents against the clauses of the specifications.
 *
 * - without arguments: every `@see` names a section, every clause has its place, docs/conformance.md is up to date
 * - `--write`: writes docs/conformance.md
 * - `--against FOLDER`: lists what a checkout of the specifications has that spec/clauses.json has not, and the reverse
 * - `--take FOLDER`: makes spec/clauses.json from a checkout of both
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { conformance } from "./check-spec/conformance.ts";
import { markersIn } from "./check-spec/markers.ts";
import { type ClauseTable, differences, printTable, readCheckout, toTable } from "./check-spec/specification.ts";
import { trace } from "./check-spec/trace.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const readTable = (): ClauseTable => JSON.parse(read("spec/clauses.json")) as ClauseTable;
const documentPath = "docs/conformance.md";

const { values } = parseArgs({
  options: { against: { type: "string" }, take: { type: "string" }, write: { type: "boolean", default: false } },
});
if (values.take !== undefined) writeFileSync(`${root}spec/clauses.json`, printTable(toTable(readCheckout(values.take))));
else if (values.against !== undefined) compare(values.against);
else check();

function compare(folder: string): void {
  const checkout = readCheckout(folder);
  for (const { repository, commit } of checkout.sources) console.log(`${repository} at ${commit}`);
  const lines = differences(readTable(), checkout);
  for (const line of lines) console.log(line);
  console.log(lines.length === 0 ? "no clause is new, changed or gone" : `${lines.length} clauses are new, changed or gone`);
  process.exitCode = lines.length === 0 ? 0 : 1;
}

function check(): void {
  const table = readTable();
  const { clauses, problems } = trace({
    table,
    exceptions: read("spec/trace.tsv"),
    differences: read("docs/differences.md"),
    sourceMarkers: markersIn(root, "src"),
    testMarkers: markersIn(root, "test"),
    fileExists: (path) => path !== "" && existsSync(`${root}${path}`),
  });
  const document = conformance(table, clauses);
  const stale = !existsSync(`${root}${documentPath}`) || read(documentPath) !== document;
  if (values.write) writeFileSync(`${root}${documentPath}`, document);
  const found = stale && !values.write ? [...problems, `${documentPath} is stale: npm run check:spec -- --write`] : problems;
  for (const problem of found) console.error(problem);
  process.exitCode = found.length === 0 ? 0 : 1;
}
