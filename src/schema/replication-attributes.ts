import type { AttributeValue } from "../attributes/index.ts";

/**
 * What DynamoDB itself keeps in each item of a Global Table of version 2017, with the type that it writes. Any other
 * attribute whose name begins with `aws:rep:` is an attribute like all others.
 */
const typeOfName: ReadonlyMap<string, "BOOL" | "N" | "S"> = new Map([
  ["aws:rep:deleting", "BOOL"],
  ["aws:rep:updatetime", "N"],
  ["aws:rep:updateregion", "S"],
]);

/**
 * Whether an attribute is DynamoDB's own bookkeeping of a Global Table.
 *
 * @param value if given, it has to have the type that DynamoDB writes under this name
 */
export function isReplication(attribute: string, value?: AttributeValue): boolean {
  const type = typeOfName.get(attribute);
  return type !== undefined && (value === undefined || value[type] !== undefined);
}
