import type { AttributeMap, AttributeValue } from "../attributes/index.ts";
import { fromBase64, type SecretBytes, toBase64, utf8 } from "../bytes/index.ts";
import { constantTimeEqual, hmac } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import type { SdkItem } from "../tables/index.ts";

/** Where the query of one partition goes on. */
export type Place = "start" | "finished" | AttributeMap;

/** The one attribute of a LastEvaluatedKey that stands for several queries. */
export const cursorAttribute = "aws_dbe_cursor";

/** The request that a cursor belongs to. */
export interface CursorScope {
  /** 64 bytes; nobody else can make a cursor that is taken. */
  readonly key: SecretBytes;
  /** All that has to be the same on the next page, without any value that the service does not see. */
  readonly shape: string;
  readonly queries: number;
}

const version = "1";
/** A multiple of 3: its base64 has one spelling. */
const macLength = 18;
/** Keys of table and index take up to 6 KB, and some characters six in JSON. */
const maximumPlaceLength = 40_000;

/**
 * The places as a LastEvaluatedKey: a text `1.<MAC>.<JSON>`. The MAC is the first 18 bytes of HMAC-SHA-384 over shape
 * and JSON, in base64. The JSON is a list with, for each partition, 0 (at the start), 1 (finished), or the key where its
 * query goes on; binary in base64. `undefined` where all are finished.
 */
export function writeCursor(places: readonly Place[], scope: CursorScope): SdkItem | undefined {
  if (places.every((place) => place === "finished")) return undefined;
  const json = JSON.stringify(places.map((place) => (place === "start" ? 0 : place === "finished" ? 1 : encodeKey(place))));
  return { [cursorAttribute]: { S: `${version}.${toBase64(macOf(json, scope))}.${json}` } };
}

/**
 * The places of an ExclusiveStartKey; all at the start where there is none.
 *
 * @throws ERR_INVALID_ARGUMENT where it is none of this request
 */
export function readCursor(start: AttributeMap | undefined, scope: CursorScope): readonly Place[] {
  if (start === undefined) return Array.from({ length: scope.queries }, () => "start" as const);
  const text = Object.keys(start).length === 1 ? start[cursorAttribute]?.S : undefined;
  if (text === undefined || text.length > scope.queries * maximumPlaceLength) throw foreign();
  const [, given, json] = /^1\.([A-Za-z0-9+/]{24})\.(.*)$/s.exec(text) ?? [];
  const mac = given === undefined ? undefined : fromBase64(given);
  if (mac === undefined || json === undefined || !constantTimeEqual(mac, macOf(json, scope))) throw foreign();
  // Only this library makes a text with that MAC, so that its layout is known.
  const places = JSON.parse(json) as (0 | 1 | Record<string, AttributeValue>)[];
  return places.map((place) => (place === 0 ? "start" : place === 1 ? "finished" : decodeKey(place)));
}

/**
 * A cursor of several queries means nothing to a request that is one.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function refuseCursor(start: AttributeMap | undefined): void {
  if (start !== undefined && Object.hasOwn(start, cursorAttribute)) throw foreign();
}

function foreign(): Error {
  return invalidArgument("ExclusiveStartKey", "the LastEvaluatedKey of the page before, of the same request, as it was returned");
}

function macOf(json: string, { key, shape }: CursorScope): Uint8Array {
  return hmac("sha384", key, utf8(JSON.stringify([shape, json]))).subarray(0, macLength);
}

/** A key as JSON can hold it. */
export function encodeKey(key: AttributeMap): Record<string, object> {
  return Object.fromEntries(Object.entries(key).map(([name, value]) => [name, value.B === undefined ? value : { B: toBase64(value.B) }]));
}

function decodeKey(key: Readonly<Record<string, AttributeValue>>): AttributeMap {
  const entries = Object.entries(key).map(([name, value]): [string, AttributeValue] => {
    return [name, value.B === undefined ? value : { B: fromBase64(value.B as unknown as string) ?? new Uint8Array() }];
  });
  return Object.fromEntries(entries);
}
