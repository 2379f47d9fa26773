import { covers, type Exception, parseExceptions } from "./exceptions.ts";
import type { Marker } from "./markers.ts";
import type { ClauseTable } from "./specification.ts";

/** Everything that is held against one another. */
export interface TraceInput {
  readonly table: ClauseTable;
  /** `spec/trace.tsv`. */
  readonly exceptions: string;
  /** `docs/differences.md`. */
  readonly differences: string;
  readonly sourceMarkers: readonly Marker[];
  readonly testMarkers: readonly Marker[];
  readonly fileExists: (path: string) => boolean;
}

/** One clause and what answers for it: markers in source and test, or the exception that says why they need not. */
export interface TracedClause {
  readonly file: string;
  readonly section: string;
  readonly hash: string;
  readonly exception: Exception | undefined;
}

export interface Trace {
  readonly clauses: readonly TracedClause[];
  readonly problems: readonly string[];
}

/** Gives every clause its place, and names what has none. */
export function trace(input: TraceInput): Trace {
  const { exceptions, problems } = parseExceptions(input.exceptions);
  problems.push(...unknownMarkers(input), ...wrongCounts(input.table));
  const inSource = new Set(input.sourceMarkers.map(keyOf));
  const inTests = new Set(input.testMarkers.map(keyOf));
  const clauses: TracedClause[] = [];
  const used = new Set<Exception>();
  for (const [file, sections] of Object.entries(input.table.files)) {
    for (const [section, { hashes }] of Object.entries(sections)) {
      let unlisted = 0;
      for (const hash of hashes) {
        const matching = exceptions.filter((one) => covers(one, file, section, hash));
        // The most particular one speaks, so that a file may be listed with a remark about one clause of it.
        const exception = matching.reduce<Exception | undefined>(
          (best, one) => (best === undefined || one.clause.length > best.clause.length ? one : best),
          undefined,
        );
        for (const one of matching) used.add(one);
        if (exception === undefined) unlisted++;
        clauses.push({ file, section, hash, exception });
      }
      if (unlisted === 0) continue;
      const key = keyOf({ file, section });
      if (!inSource.has(key)) problems.push(`${key}: ${counted(unlisted)}, and nothing in src/ cites the section`);
      if (!inTests.has(key)) problems.push(`${key}: ${counted(unlisted)}, and nothing in test/ cites the section`);
    }
  }
  for (const exception of exceptions) problems.push(...exceptionProblems(exception, input, used.has(exception)));
  return { clauses, problems };
}

const keyOf = ({ file, section }: { readonly file: string; readonly section: string | undefined }): string =>
  section === undefined ? file : `${file} "${section}"`;

const counted = (number: number): string => (number === 1 ? "1 clause is not listed" : `${number} clauses are not listed`);

function unknownMarkers({ table, sourceMarkers, testMarkers }: TraceInput): string[] {
  return [...sourceMarkers, ...testMarkers].flatMap(({ place, file, section }) => {
    const sections = Object.hasOwn(table.files, file) ? table.files[file] : undefined;
    if (sections === undefined) return [`${place}: ${file} is not a file of the specifications`];
    return section === undefined || Object.hasOwn(sections, section) ? [] : [`${place}: ${file} has no section "${section}"`];
  });
}

function wrongCounts({ files }: ClauseTable): string[] {
  return Object.entries(files).flatMap(([file, sections]) =>
    Object.entries(sections)
      .filter(([, { count, hashes }]) => count !== hashes.length)
      .map(([section]) => `spec/clauses.json: ${file} "${section}" does not have as many hashes as it counts`),
  );
}

function exceptionProblems({ line, clause, verdict, where }: Exception, input: TraceInput, used: boolean): string[] {
  const at = `spec/trace.tsv:${line}`;
  if (!used) return [`${at}: ${clause} is no clause of the specifications`];
  if (verdict === "differs" && (where === "" || !input.differences.split("\n").some((row) => row.includes(where)))) {
    return [`${at}: docs/differences.md has no line "${where}"`];
  }
  if (verdict === "met-elsewhere" && !input.fileExists(where)) return [`${at}: there is no file "${where}"`];
  return [];
}
