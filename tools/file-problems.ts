/** The longest source file, in lines. */
export const maxLines = 400;

/** Data, and what tools write: long by nature, and not ours to word. */
const data = /^(?:test\/vectors\/|schemas\/|bench\/data\/|bench\/results\/|LICENSE$)|package-lock\.json$/;
const source = /\.(?:[cm]?[jt]s|java|sh)$/;

interface Rule {
  readonly says: string;
  readonly pattern: RegExp;
  readonly in: RegExp;
}

// Patterns are written so that they do not match this file.
const rules: readonly Rule[] = [
  { says: "a path of one machine", pattern: /["'`\s(](?:\/home\/|\/root\/|\/Users\/|\/work\/|\/tmp\/|C:\\)\w/, in: /./ },
  { says: "a promise for later: do it, or leave it out", pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/, in: /./ },
  { says: "a check that is switched off", pattern: /(?:biome|eslint|prettier)-(?:ignore|disable)\b|@ts-(?:ignore|nocheck)\b/, in: source },
  {
    says: "a test that is left out",
    pattern: /\b(?:it|test|describe)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf|fails)\b/,
    in: /\.test\.ts$/,
  },
];

/**
 * What the linter does not look at: length, paths of a machine, promises, checks and tests that are switched off.
 *
 * @returns one line for each problem, `path:line: what`
 */
export function fileProblems(path: string, text: string): string[] {
  if (data.test(path)) return [];
  const lines = text.split("\n");
  const length = text.endsWith("\n") ? lines.length - 1 : lines.length;
  const tooLong = source.test(path) && length > maxLines ? [`${path}: ${length} lines, at most ${maxLines}: divide it`] : [];
  const applying = rules.filter((rule) => rule.in.test(path));
  const found = lines.flatMap((line, index) =>
    applying.filter(({ pattern }) => pattern.test(line)).map(({ says }) => `${path}:${index + 1}: ${says}`),
  );
  return [...tooLong, ...found];
}
