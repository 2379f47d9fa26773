import type { AttributeMap } from "../attributes/index.ts";
import { headerName, parseHeader } from "../structure/index.ts";
import { binaryOf } from "./decrypt-item.ts";
import { type ItemHeader, itemHeader } from "./item-header.ts";

/**
 * The header of a stored item, read without any key and therefore **not authenticated**: for finding out which keys an
 * item is under. `encryptionContext` is the part that the item stores.
 *
 * @throws ERR_HEADER_MALFORMED
 * @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md
 * @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md "Input", "Output", "Behavior"
 */
export function describeItem(item: AttributeMap): ItemHeader {
  const header = parseHeader(binaryOf(item, headerName, "ERR_HEADER_MALFORMED"));
  return itemHeader(header, header.encryptionContext);
}
