import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";

export type Row = Readonly<Record<string, string | number>>;

export interface ReportOptions {
  /** Further facts of the run, for the file. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** In the place of bench/results. */
  readonly folder?: string;
}

/** Prints rows as a table and writes them with the machine's facts to bench/results/<name>.json. */
export function report(name: string, rows: readonly Row[], options: ReportOptions = {}): void {
  const [first] = rows;
  if (first === undefined) return;
  const head = Object.keys(first);
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of rows) table.push(head.map((column) => format(row[column])));
  console.log(`${name} (Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"})`);
  console.log(table.toString());
  const folder = options.folder ?? fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const facts = { name, node: process.versions.node, openssl: process.versions.openssl, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ ...facts, ...options.facts, rows }, undefined, 2)}\n`);
}

function format(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
