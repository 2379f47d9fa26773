import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { footerName, headerName } from "../structure/index.ts";

/** What the DynamoDB Encryption Client, DB-ESDK's predecessor, adds to every item: material description and signature. */
const ddbecAttributes = ["*amzn-ddb-map-desc*", "*amzn-ddb-map-sig*"] as const;

/**
 * Refuses what is no map of attributes: an image that a stream record does not have, or an item that is still text.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_ITEM_IS_JSON
 */
export function requireItem(item: unknown): asserts item is AttributeMap {
  if (typeof item === "string") throw new DynasealError("ERR_ITEM_IS_JSON", { details: {} });
  if (typeof item !== "object" || item === null || Array.isArray(item) || item instanceof Uint8Array) {
    throw invalidArgument("the item", "a map of attribute names to AttributeValues");
  }
}

/**
 * Refuses an item that the older DynamoDB Encryption Client encrypted: it would pass for a plain one, and be encrypted
 * twice.
 *
 * @throws ERR_ITEM_DDBEC
 * @see specification/dynamodb-encryption-client/decrypt-item.md "Determining Legacy Items"
 */
export function refuseDdbecItem(item: AttributeMap, tableName?: string): void {
  for (const attribute of ddbecAttributes) {
    if (!Object.hasOwn(item, attribute) || item[attribute] === undefined) continue;
    throw new DynasealError("ERR_ITEM_DDBEC", { details: { attribute, ...(tableName === undefined ? {} : { tableName }) } });
  }
}

/**
 * Refuses an item in DynamoDB JSON, whose texts would pass for bytes; header and footer are looked at first.
 *
 * @throws ERR_ITEM_IS_JSON
 */
export function refuseJsonItem(item: AttributeMap): void {
  for (const attribute of new Set([headerName, footerName, ...Object.keys(item)])) {
    if (Object.hasOwn(item, attribute) && isJsonBinary(item[attribute]?.B)) throw isJson(attribute);
  }
}

/**
 * The same for a native object that was an encrypted item once: header and footer are text then.
 *
 * @throws ERR_ITEM_IS_JSON
 */
export function refuseJsonDocument(document: Readonly<Record<string, unknown>>): void {
  for (const name of [headerName, footerName]) if (Object.hasOwn(document, name) && isJsonBinary(document[name])) throw isJson(name);
}

/**
 * The bytes of header or footer.
 *
 * @throws ERR_HEADER_MALFORMED or ERR_FOOTER_MALFORMED, ERR_ITEM_IS_JSON
 */
export function binaryOf(item: AttributeMap, name: string, code: "ERR_HEADER_MALFORMED" | "ERR_FOOTER_MALFORMED"): Uint8Array {
  const value = Object.hasOwn(item, name) ? item[name] : undefined;
  const bytes: unknown = value?.B;
  if (isJsonBinary(bytes)) throw isJson(name);
  if (!(bytes instanceof Uint8Array)) throw new DynasealError(code, { details: { field: "it is not binary" } });
  return bytes;
}

/** Base64, or what `JSON.stringify` makes of a Buffer. */
function isJsonBinary(bytes: unknown): boolean {
  if (typeof bytes === "string") return true;
  const { type, data } = (bytes ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  return type === "Buffer" && Array.isArray(data);
}

function isJson(attribute: string): DynasealError {
  return new DynasealError("ERR_ITEM_IS_JSON", { details: { attribute } });
}
