import { type AttributeMap, attributeMap, requireAttributeName } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type KeyringCall, releaseMaterials } from "../materials/index.ts";
import { actionOf, type TablePlan } from "../schema/index.ts";
import { encryptStructure, type Field, footerName, headerName, messageIdLength, type SignedAction } from "../structure/index.ts";
import { itemContext } from "./item-context.ts";
import { type ItemCryptography, type ItemResult, keyAttributes, requireKeys, reservedPrefix, terminalOf } from "./item-cryptography.ts";
import { itemHeader } from "./item-header.ts";
import { requireItemSize } from "./item-size.ts";
import { refuseDdbecItem, requireItem } from "./other-formats.ts";

/**
 * Encrypts and signs one item as its table's plan says.
 *
 * The result holds every attribute of the input (encrypted ones as `B`), and `aws_dbe_head` and `aws_dbe_foot`. Under
 * FORCE_PLAINTEXT_WRITE it is a copy of the input and an event `plaintext-write` is raised.
 *
 * @throws ERR_KEY_MISSING, ERR_CONTEXT_ATTRIBUTE_MISSING, ERR_ATTRIBUTE_NOT_CONFIGURED, ERR_RESERVED_NAME,
 *   ERR_ITEM_DDBEC, ERR_ITEM_IS_JSON, ERR_INVALID_ARGUMENT, ERR_ATTRIBUTE_NOT_SERIALIZABLE,
 *   ERR_NUMBER_INVALID, ERR_LIMIT_EXCEEDED, ERR_ITEM_TOO_LARGE, and the keyring's own
 * @see specification/dynamodb-encryption-client/encrypt-item.md
 * @see specification/dynamodb-encryption-client/ddb-item-conversion.md "Convert DDB Item to Structured Data"
 * @see specification/dynamodb-encryption-client/encrypt-item.md "Input", "Output", "Parsed Header", "Behavior"
 * @see specification/structured-encryption/encrypt-path-structure.md "Crypto List", "Algorithm Suite", "Output"
 * @see specification/structured-encryption/encrypt-path-structure.md "Retrieve Encryption Materials"
 */
export async function encryptItem(cryptography: ItemCryptography, item: AttributeMap, call: KeyringCall): Promise<ItemResult> {
  const { plan, cmm, randomness } = cryptography;
  requireItem(item);
  requireKeys(plan, item);
  refuseDdbecItem(item, plan.tableName);
  const entries = Object.entries(item).filter(([, value]) => value !== undefined);
  requireNames(plan, entries);
  if (plan.plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ") {
    call.onEvent?.({ type: "plaintext-write", tableName: plan.tableName, reason: "schema" });
    return { item: attributeMap(entries), header: undefined };
  }
  requireContextAttributes(plan, item);
  const fields = signedFields(cryptography, entries);
  const selector = contextTerminals(plan, fields);
  const context = itemContext(plan, plan.formatVersion, selector);
  const materials = await cmm.getEncryptionMaterials(
    {
      algorithmSuite: plan.algorithmSuite,
      encryptionContext: context,
      requiredEncryptionContextKeys: Object.keys(context),
    },
    call,
  );
  const structure = await encryptStructure({
    formatVersion: plan.formatVersion,
    messageId: randomness.bytes(messageIdLength),
    fields,
    materials,
  }).finally(() => releaseMaterials(materials));
  const stored = attributeMap(entries);
  for (const [name, value] of structure.encrypted) stored[name] = { B: value };
  stored[headerName] = { B: structure.header };
  stored[footerName] = { B: structure.footer };
  requireItemSize(plan.tableName, stored);
  const actions = new Map(fields.map(({ name, action }) => [name, action]));
  return { item: stored, header: itemHeader({ parsed: structure.parsedHeader, materials, actions, selector }) };
}

function requireNames(plan: TablePlan, entries: readonly (readonly [string, unknown])[]): void {
  for (const [attribute] of entries) {
    requireAttributeName(attribute);
    if (attribute.startsWith(reservedPrefix)) {
      throw new DynasealError("ERR_RESERVED_NAME", { details: { tableName: plan.tableName, attribute } });
    }
  }
}

/**
 * An attribute that is to be in the encryption context has to be in the item: a reader that finds it missing could not
 * tell whether somebody took it away.
 *
 * @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item"
 */
function requireContextAttributes(plan: TablePlan, item: AttributeMap): void {
  if (plan.formatVersion === 1) return;
  for (const [attribute, action] of plan.actions) {
    if (action !== "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" || (Object.hasOwn(item, attribute) && item[attribute] !== undefined)) continue;
    throw new DynasealError("ERR_CONTEXT_ATTRIBUTE_MISSING", { details: { tableName: plan.tableName, attribute } });
  }
}

function signedFields({ plan, paths }: ItemCryptography, entries: readonly (readonly [string, AttributeMap[string]])[]): readonly Field[] {
  const fields: Field[] = [];
  for (const [name, value] of entries) {
    const action = actionOf(plan, name, value);
    if (action === undefined) {
      throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName: plan.tableName, attribute: name } });
    }
    if (action !== "DO_NOTHING") fields.push({ name, path: paths.of(name), action, terminal: terminalOf(name, value) });
  }
  return fields;
}

/** The terminals that go into the context: the keys in format 1, the context attributes in format 2. */
export function contextTerminals(
  plan: TablePlan,
  fields: readonly { readonly name: string; readonly action: SignedAction; readonly terminal: Field["terminal"] }[],
  formatVersion: 1 | 2 = plan.formatVersion,
): ReadonlyMap<string, Field["terminal"]> {
  const keys = keyAttributes(plan);
  const inContext = fields.filter(({ name, action }) =>
    formatVersion === 1 ? keys.includes(name) : action === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
  );
  return new Map(inContext.map(({ name, terminal }) => [name, terminal]));
}
