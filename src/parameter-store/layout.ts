import { decodeUtf8, utf8 } from "../bytes/index.ts";
import { digest } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";

/** What one parameter holds at most, in bytes, by its tier. */
export const tierBytes = { Standard: 4096, Advanced: 8192 } as const;

/** As many parts as the manifest of an advanced parameter can name. */
export const maximumParts = 100;

/** Parameter Store answers no more names in one call. */
export const namesPerCall = 10;

const hexDigest = /^[0-9a-f]{64}$/;
const pathPattern = /^(?:\/[\w.-]{1,200}){1,13}$/;

/**
 * What `PATH/manifest` holds: `{ "format": 1, "parts": ["<digest>", …] }`. Part n lies under `PATH/parts/<digest>`, the SHA-256 of its
 * text in hexadecimal; the parts in their order are one JSON text, the list of schemas.
 */
export interface Manifest {
  readonly parts: readonly string[];
}

export function manifestName(path: string): string {
  return `${path}/manifest`;
}

export function partName(path: string, part: string): string {
  return `${path}/parts/${part}`;
}

/** @throws ERR_INVALID_ARGUMENT */
export function checkPath(path: unknown): asserts path is string {
  if (typeof path === "string" && pathPattern.test(path)) return;
  throw invalidArgument("path", "a hierarchy of parameters, such as /customers/prod/schemas, without a slash at its end");
}

export function isDigest(value: unknown): value is string {
  return typeof value === "string" && hexDigest.test(value);
}

/** SHA-256 of a text's UTF-8, in hexadecimal. */
export function digestOfText(text: string): string {
  return Buffer.from(digest("sha256", utf8(text))).toString("hex");
}

export function serializeManifest({ parts }: Manifest): string {
  return JSON.stringify({ format: 1, parts });
}

/** `undefined` where it is none of ours. */
export function parseManifest(text: string): Manifest | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { format, parts } = (parsed ?? {}) as { readonly format?: unknown; readonly parts?: unknown };
  if (format !== 1 || !Array.isArray(parts) || parts.length === 0 || parts.length > maximumParts || !parts.every(isDigest))
    return undefined;
  return { parts };
}

/** Cuts a text so that no part is longer than `bytes` in UTF-8, between characters. */
export function cut(text: string, bytes: number): readonly string[] {
  const all = utf8(text);
  const parts: string[] = [];
  for (let start = 0; start < all.length; ) {
    let end = Math.min(start + bytes, all.length);
    // A byte 10xxxxxx goes on with the character before it.
    while (end < all.length && ((all[end] ?? 0) & 0xc0) === 0x80) end--;
    parts.push(decodeUtf8(all.subarray(start, end)) ?? "");
    start = end;
  }
  return parts;
}
