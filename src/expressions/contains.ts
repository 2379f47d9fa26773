/** Up to this length of the part, the engine's own search is faster than ours and its worst case harmless. */
const shortPart = 32;

/** Whether the part stands anywhere in the text. */
export function textContains(text: string, part: string): boolean {
  if (part.length <= shortPart) return text.includes(part);
  return contains(
    { length: text.length, at: (index) => text.charCodeAt(index) },
    { length: part.length, at: (index) => part.charCodeAt(index) },
  );
}

/** Whether the part stands anywhere in the bytes. */
export function bytesContain(bytes: Uint8Array, part: Uint8Array): boolean {
  return contains({ length: bytes.length, at: (index) => bytes[index] ?? 0 }, { length: part.length, at: (index) => part[index] ?? 0 });
}

interface Sequence {
  readonly length: number;
  readonly at: (index: number) => number;
}

/**
 * Knuth, Morris and Pratt's search: linear in both lengths, whatever they hold. The item may be somebody else's and the
 * part a user's, and both may be hundreds of kilobytes of one letter, on which a search that begins anew at each place
 * takes seconds (as that of V8 does for texts).
 */
function contains(whole: Sequence, part: Sequence): boolean {
  if (part.length > whole.length) return false;
  const borders = bordersOf(part);
  let matched = 0;
  for (let index = 0; index < whole.length && matched < part.length; index++) {
    const unit = whole.at(index);
    while (matched > 0 && part.at(matched) !== unit) matched = borders[matched - 1] ?? 0;
    if (part.at(matched) === unit) matched++;
  }
  return matched === part.length;
}

/** For each beginning of the part, the length of its longest proper beginning that is also its end. */
function bordersOf(part: Sequence): Uint32Array {
  const borders = new Uint32Array(part.length);
  let border = 0;
  for (let index = 1; index < part.length; index++) {
    const unit = part.at(index);
    while (border > 0 && part.at(border) !== unit) border = borders[border - 1] ?? 0;
    if (part.at(border) === unit) border++;
    borders[index] = border;
  }
  return borders;
}
