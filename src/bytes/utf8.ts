const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a well-formed string; `undefined` where it holds a lone surrogate (which TextEncoder would replace). */
export function encodeUtf8(text: string): Uint8Array | undefined {
  return isWellFormed(text) ? encoder.encode(text) : undefined;
}

/** UTF-8 bytes of a text that this library itself made (ASCII literals, names that were checked before). */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
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
