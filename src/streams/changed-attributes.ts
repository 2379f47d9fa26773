import { type AttributeMap, type AttributeValue, serializeAttributeValue } from "../attributes/index.ts";
import { bytesEqual, compareUtf16 } from "../bytes/index.ts";
import { reservedPrefix } from "../item/index.ts";
import { isReplication } from "../schema/index.ts";

/** Two states of an item; `undefined` where it did not exist. */
export interface ItemImages {
  readonly oldImage?: AttributeMap | undefined;
  readonly newImage?: AttributeMap | undefined;
}

/**
 * The names of the attributes that were added, changed or removed, in order of their UTF-16 code units. Values are
 * compared as DynamoDB means them: numbers by value, sets whatever their order. What is not the application's own is left
 * out: names that begin with `aws_dbe_` or `aws:rep:`.
 *
 * ```ts
 * if (changedAttributes(change).includes("email")) …
 * ```
 *
 * @param images decrypted ones, such as those of a {@link StreamChange}; without an old image every attribute counts as added
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_NUMBER_INVALID, ERR_LIMIT_EXCEEDED for images that DynamoDB would not store
 */
export function changedAttributes({ oldImage = {}, newImage = {} }: ItemImages): readonly string[] {
  const names = new Set([...Object.keys(oldImage), ...Object.keys(newImage)]);
  const changed = [...names].filter(
    (name) => !name.startsWith(reservedPrefix) && !isReplication(name) && !sameValue(own(oldImage, name), own(newImage, name)),
  );
  return changed.sort(compareUtf16);
}

function own(item: AttributeMap, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

export function sameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [left, right] = [serializeAttributeValue(a), serializeAttributeValue(b)];
  return left.typeId === right.typeId && bytesEqual(left.value, right.value);
}
