/** Longer texts are no misspelling of a name of ours. */
const longest = 64;

/**
 * The candidate that was probably meant: the same but for case and separators, or one with the other as its beginning
 * or end, or one within an edit distance of a third of its length.
 */
export function suggest(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > longest) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(plain(written), plain(candidate)) }))
    .filter(({ distance }) => distance < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** 0 when equal, under 1 when one holds the other at an end, infinite when too far apart. */
function distanceOf(written: string, candidate: string): number {
  if (written === candidate) return 0;
  const [short, long] = written.length < candidate.length ? [written, candidate] : [candidate, written];
  if (short.length >= 4 && (long.startsWith(short) || long.endsWith(short))) return 1 - short.length / long.length;
  const edits = editDistance(written, candidate);
  return edits <= Math.max(1, Math.floor(candidate.length / 3)) ? edits : Number.POSITIVE_INFINITY;
}

/** Insertions, deletions, substitutions and exchanges of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const exchanged = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        exchanged ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
