const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Short texts are encoded here and copied out: `encode` takes ten times as long. */
const scratch: Uint8Array = new Uint8Array(3072);
/** A UTF-16 code unit takes three bytes at most. */
const shortText = scratch.length / 3;

/** UTF-8 bytes of a well-formed string; `undefined` where it holds a lone surrogate (which TextEncoder would replace). */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return isWellFormed(text) ? utf8(text) : undefined;
}

/** UTF-8 bytes of a text that this library itself made (ASCII literals, names that were checked before). */
export function utf8(text: string): Uint8Array {
  if (text.length > shortText) return encoder.encode(text);
  return scratch.slice(0, encoder.encodeInto(text, scratch).written);
}

/** The text of strict UTF-8; `undefined` where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** True unless the string holds half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** Bytes of a text in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair stands for two of the pair's four bytes.
    length += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return length;
}
