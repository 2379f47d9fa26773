import { type AttributeMap, type AttributeValue, attributeMap, deserializeAttributeValue, readTypeId } from "../attributes/index.ts";
import { compareUtf8, fromBase64 } from "../bytes/index.ts";
import { DynasealError, displayName } from "../errors/index.ts";
import { type EncryptionContext, itemContextKeys } from "../materials/index.ts";

const { partitionName: partitionNameKey, sortName: sortNameKey, legend: legendKey, attributePrefix } = itemContextKeys;

const literals: ReadonlyMap<string, AttributeValue> = new Map<string, AttributeValue>([
  ["null", { NULL: true }],
  ["true", { BOOL: true }],
  ["false", { BOOL: false }],
]);

/**
 * The attributes that an item's encryption context carries.
 *
 * - Format 1, no legend: the keys, each base64 of `type (2) ‖ value`.
 * - Format 2: every `aws-crypto-attr.` value, read as its letter of `aws-crypto-legend` says, in UTF-8 order of the
 *   names: S and N the text, L `null`, `true` or `false`, B base64 of `type (2) ‖ value`.
 *
 * @throws ERR_BRANCH_KEY_ID_INVALID
 * @see specification/dynamodb-encryption-client/ddb-encryption-branch-key-id-supplier.md "Behavior"
 */
export function contextAttributes(context: EncryptionContext): AttributeMap {
  const keys = [partitionNameKey, sortNameKey].filter((name) => context[name] !== undefined).map((name) => context[name] ?? "");
  if (context[partitionNameKey] === undefined) throw invalid("its encryption context names no partition key");
  for (const name of keys) {
    if (context[attributePrefix + name] === undefined) throw invalid(`its encryption context lacks the key "${displayName(name)}"`);
  }
  const legend = context[legendKey];
  if (legend === undefined) return attributeMap(keys.map((name) => [name, typedValue(name, context[attributePrefix + name] ?? "")]));
  const included = Object.keys(context)
    .filter((key) => key.startsWith(attributePrefix))
    .sort(compareUtf8);
  if (included.length !== legend.length) throw invalid("aws-crypto-legend and the context's attributes differ in number");
  return attributeMap(
    included.map((key, index) => {
      const name = key.slice(attributePrefix.length);
      return [name, legendValue(name, legend[index] ?? "", context[key] ?? "")];
    }),
  );
}

function legendValue(name: string, letter: string, text: string): AttributeValue {
  if (letter === "S") return { S: text };
  if (letter === "N") return { N: text };
  const value = letter === "B" ? typedValue(name, text) : letter === "L" ? literals.get(text) : undefined;
  if (value === undefined) throw unreadable(name);
  return value;
}

function typedValue(name: string, base64: string): AttributeValue {
  const bytes = fromBase64(base64);
  if (bytes === undefined || bytes.length < 2) throw unreadable(name);
  return deserializeAttributeValue({ typeId: readTypeId(bytes), value: bytes.subarray(2) });
}

function unreadable(name: string): DynasealError {
  return invalid(`the encryption context's value of "${displayName(name)}" cannot be read`);
}

function invalid(reason: string): DynasealError {
  return new DynasealError("ERR_BRANCH_KEY_ID_INVALID", { details: { reason } });
}
