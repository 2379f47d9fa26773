import { type Terminal, typeById, typeIdBytes, typeIds } from "../attributes/index.ts";
import { compareUtf8, concatBytes, decodeUtf8, toBase64 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type EncryptionContext, itemContextKeys } from "../materials/index.ts";
import type { TablePlan } from "../schema/index.ts";

/**
 * The encryption context that binds an item to its table, its key and, in format 2, its context attributes. None of it
 * is stored: the reader makes it again from what it reads.
 *
 * - Format 1: table name, names of the keys, and base64 of `type (2) ‖ value` of each key.
 * - Format 2: table name, names of the keys; each context attribute as text; and `aws-crypto-legend`, one letter a
 *   context attribute in UTF-8 order of the names: S, N, L (NULL and BOOL), B (anything else).
 *
 * @param terminals of the keys in format 1; of every SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT attribute in format 2
 * @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context"
 * @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context Version 1"
 * @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context Version 2", "Base Context Value Version 1"
 * @see specification/structured-encryption/encrypt-path-structure.md "Encryption Context Naming"
 */
export function itemContext(plan: TablePlan, formatVersion: 1 | 2, terminals: ReadonlyMap<string, Terminal>): EncryptionContext {
  const context = Object.create(null) as Record<string, string>;
  context[itemContextKeys.tableName] = plan.tableName;
  context[itemContextKeys.partitionName] = plan.partitionKey;
  if (plan.sortKey !== undefined) context[itemContextKeys.sortName] = plan.sortKey;
  const names = [...terminals.keys()].sort(compareUtf8);
  let legend = "";
  for (const name of names) {
    const terminal = terminals.get(name);
    if (terminal === undefined) continue;
    context[itemContextKeys.attributePrefix + name] = formatVersion === 1 ? base64Value(terminal) : readableValue(terminal);
    legend += legendLetter(terminal);
  }
  if (formatVersion === 2) context[itemContextKeys.legend] = legend;
  return Object.freeze(context);
}

/** Base64 of `type (2) ‖ value`. */
function base64Value({ typeId, value }: Terminal): string {
  return toBase64(concatBytes(typeIdBytes(typeId), value));
}

/** @see specification/dynamodb-encryption-client/encrypt-item.md "Base Context Value Version 2" */
function readableValue(terminal: Terminal): string {
  switch (terminal.typeId) {
    case typeIds.S:
    case typeIds.N: {
      const text = decodeUtf8(terminal.value);
      if (text === undefined) throw new DynasealError("ERR_ATTRIBUTE_MALFORMED", { details: { reason: "a text is not UTF-8" } });
      return text;
    }
    case typeIds.NULL:
      return "null";
    case typeIds.BOOL:
      return terminal.value[0] === 1 ? "true" : "false";
    default:
      return base64Value(terminal);
  }
}

/** @see specification/structured-encryption/encrypt-path-structure.md "Create New Encryption Context and CMM" */
function legendLetter({ typeId }: Terminal): string {
  switch (typeById(typeId)) {
    case "S":
      return "S";
    case "N":
      return "N";
    case "NULL":
    case "BOOL":
      return "L";
    default:
      return "B";
  }
}
