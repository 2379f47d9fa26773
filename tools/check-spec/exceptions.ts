export const verdicts = ["met-elsewhere", "differs", "not-applicable", "open"] as const;
export type Verdict = (typeof verdicts)[number];

/** A line of `spec/trace.tsv`: clauses that no marker answers for, and why. */
export interface Exception {
  /** Its line in the file. */
  readonly line: number;
  /** `folder/`, `file`, `file "Section"` or `file "Section" hash`. */
  readonly clause: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** Of "differs": what its line in docs/differences.md says; of "met-elsewhere": what meets it. */
  readonly where: string;
}

/** Lines of four columns between tabs; those that begin with # are comments. */
export function parseExceptions(text: string): { readonly exceptions: Exception[]; readonly problems: string[] } {
  const exceptions: Exception[] = [];
  const problems: string[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    if (content === "" || content.startsWith("#")) continue;
    const line = index + 1;
    const [clause = "", verdict = "", reason = "", where = ""] = content.split("\t");
    const known = verdicts.find((one) => one === verdict);
    if (known === undefined) problems.push(`spec/trace.tsv:${line}: "${verdict}" is not one of ${verdicts.join(", ")}`);
    else if (reason === "") problems.push(`spec/trace.tsv:${line}: no reason is given`);
    else exceptions.push({ line, clause, verdict: known, reason, where });
  }
  return { exceptions, problems };
}

/** Whether an exception is about a clause. */
export function covers({ clause }: Exception, file: string, section: string, hash: string): boolean {
  if (clause.endsWith("/")) return file.startsWith(clause);
  return clause === file || clause === `${file} "${section}"` || clause === `${file} "${section}" ${hash}`;
}
