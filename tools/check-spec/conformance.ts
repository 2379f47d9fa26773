import type { Exception, Verdict } from "./exceptions.ts";
import type { ClauseTable } from "./specification.ts";
import type { TracedClause } from "./trace.ts";

type Column = "cited" | Verdict;

const columns: readonly (readonly [Column, string])[] = [
  ["cited", "source and test"],
  ["met-elsewhere", "met elsewhere"],
  ["differs", "differs"],
  ["not-applicable", "not applicable"],
  ["open", "open"],
];

/** `docs/conformance.md`. */
export function conformance({ sources }: ClauseTable, clauses: readonly TracedClause[]): string {
  const byFile = groupBy(clauses, ({ file }) => file);
  const rows = Array.from(byFile, ([file, own]) => row(`\`${file}\``, own));
  return `# Conformance

Written by \`npm run check:spec -- --write\`; \`npm run check:spec\` fails when it is stale. It counts the clauses of
${sources.map(({ repository, commit }) => `${repository} at ${commit.slice(0, 12)}`).join(" and\n")}: sentences with a
keyword of RFC 2119. \`spec/clauses.json\` holds their hashes, \`spec/trace.tsv\` the exceptions.

"Source and test" means that the clause's section is cited above the code that implements it and above a test of that
code. It says where to look. Whether the code does what the section says is shown by the tests, by the vectors
([test/vectors](../test/vectors/README.md)) and by the other libraries in \`npm run test:interop\`.

| file | clauses | ${columns.map(([, title]) => title).join(" | ")} |
| --- | ${"--- | ".repeat(columns.length + 1).trimEnd()}
${row("**all**", clauses)}
${rows.join("\n")}

${section("differs", "Where we differ", clauses, "Each has its line in [differences.md](differences.md).")}
${section("open", "Open", clauses, "Not done, and why.")}
${section("met-elsewhere", "Met elsewhere", clauses, "Held by something that no marker can stand above.")}
${section("not-applicable", "Not applicable", clauses, "About something that this library does not have or is not asked for.")}`;
}

function row(name: string, clauses: readonly TracedClause[]): string {
  const number = (column: Column): number => clauses.filter(({ exception }) => (exception?.verdict ?? "cited") === column).length;
  return `| ${[name, clauses.length, ...columns.map(([column]) => number(column) || "")].join(" | ")} |`;
}

function section(verdict: Verdict, title: string, clauses: readonly TracedClause[], says: string): string {
  const own = clauses.filter(({ exception }) => exception?.verdict === verdict);
  if (own.length === 0) return `## ${title}\n\nNone.\n`;
  const byException = groupBy(own, ({ exception }) => exception);
  const rows = Array.from(byException, ([exception, found]) => (exception === undefined ? "" : line(exception, found.length)));
  return `## ${title}\n\n${says}\n\n| where | clauses | why |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

function line({ clause, reason }: Exception, number: number): string {
  const [file = "", ...rest] = clause.split(" ");
  return `| \`${file}\`${rest.length === 0 ? "" : ` ${rest.join(" ")}`} | ${number} | ${reason.replaceAll("|", "\\|")} |`;
}

function groupBy<Entry, Key>(entries: readonly Entry[], keyOf: (entry: Entry) => Key): Map<Key, Entry[]> {
  const groups = new Map<Key, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group === undefined) groups.set(keyOf(entry), [entry]);
    else group.push(entry);
  }
  return groups;
}
