import { type AttributeMap, attributeMap, deserializeAttributeValue, requireAttributeName } from "../attributes/index.ts";
import type { AlgorithmSuite } from "../crypto/index.ts";
import { DynasealError, isDynasealError } from "../errors/index.ts";
import { type KeyringCall, releaseMaterials } from "../materials/index.ts";
import { isSigned, type TablePlan } from "../schema/index.ts";
import {
  applyLegend,
  decryptStructure,
  type Field,
  footerName,
  headerName,
  parseHeader,
  type SignedAction,
  type StoredField,
} from "../structure/index.ts";
import { contextTerminals } from "./encrypt-item.ts";
import { itemContext } from "./item-context.ts";
import { type ItemCryptography, type ItemResult, keyAttributes, requireKeys, reservedPrefix, terminalOf } from "./item-cryptography.ts";
import { itemHeader } from "./item-header.ts";
import { binaryOf, refuseDdbecItem, refuseJsonItem, requireItem } from "./other-formats.ts";

/**
 * Verifies and decrypts one stored item. Which attributes are encrypted is what the item's own legend says; which are
 * signed has to agree with the plan.
 *
 * The result holds every attribute of the input but those that begin with `aws_dbe_`. Unsigned attributes are as
 * stored, not authenticated. A plaintext item passes where the plan's `plaintextOverride` reads plaintext, with an
 * event `plaintext-read`; an item with any `aws_dbe_` remnant but not both header and footer never does. An item under
 * the HMAC suite raises `weaker-suite-read` where the schema writes ECDSA, or is refused as `acceptAlgorithmSuites` says.
 *
 * @throws ERR_KEY_MISSING, ERR_ITEM_NOT_ENCRYPTED, ERR_ITEM_REMNANT, ERR_ITEM_DDBEC, ERR_ITEM_IS_JSON, ERR_HEADER_MALFORMED,
 *   ERR_FOOTER_MALFORMED, ERR_SUITE_NOT_ACCEPTED, ERR_LEGEND_MISMATCH, ERR_NOT_AUTHENTIC, ERR_NO_KEY_MATCHES, and the keyring's own
 * @see specification/dynamodb-encryption-client/decrypt-item.md
 * @see specification/dynamodb-encryption-client/decrypt-item.md "Input", "Input DynamoDB Item", "Output", "Parsed Header", "Behavior"
 * @see specification/dynamodb-encryption-client/decrypt-item.md "DynamoDB Item Base Context"
 */
export async function decryptItem(cryptography: ItemCryptography, item: AttributeMap, call: KeyringCall): Promise<ItemResult> {
  const { item: plain, header } = await decryptForRewrite(cryptography, item, call);
  return { item: plain, header };
}

/** A decrypted item with what was done to its attributes, for those who write it again. */
export interface RewritableItem extends ItemResult {
  /** What the item's legend says of every signed attribute; `undefined` for a plaintext item. */
  readonly actions: ReadonlyMap<string, SignedAction> | undefined;
}

/** As {@link decryptItem}. @throws what `decryptItem` throws */
export async function decryptForRewrite(cryptography: ItemCryptography, item: AttributeMap, call: KeyringCall): Promise<RewritableItem> {
  const { plan } = cryptography;
  requireItem(item);
  requireKeys(plan, item);
  if (!hasHeaderAndFooter(plan, item)) {
    refuseDdbecItem(item, plan.tableName);
    refuseJsonItem(item);
    if (plan.plaintextOverride === "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ") {
      throw new DynasealError("ERR_ITEM_NOT_ENCRYPTED", { details: { tableName: plan.tableName } });
    }
    call.onEvent?.({ type: "plaintext-read", tableName: plan.tableName });
    return { item: attributeMap(Object.entries(item)), header: undefined, actions: undefined };
  }
  try {
    return await decryptEncryptedItem(cryptography, item, call);
  } catch (error) {
    if (!isDynasealError(error, "ERR_NOT_AUTHENTIC")) throw error;
    const details = { tableName: plan.tableName, keyAttributes: keyAttributes(plan) };
    throw new DynasealError("ERR_NOT_AUTHENTIC", { details, cause: error });
  }
}

/**
 * @see specification/dynamodb-encryption-client/ddb-support.md "RemoveBeacons"
 * @see specification/structured-encryption/decrypt-path-structure.md "Encryption Context", "Retrieve Decryption Materials"
 * @see specification/structured-encryption/decrypt-path-structure.md "Create New Encryption Context and CMM", "Parsed Header", "Output"
 */
async function decryptEncryptedItem(cryptography: ItemCryptography, item: AttributeMap, call: KeyringCall): Promise<RewritableItem> {
  const { plan, cmm } = cryptography;
  // A copy: what the caller does with the item's bytes later changes neither what is verified nor what `header` shows.
  const header = binaryOf(item, headerName, "ERR_HEADER_MALFORMED").slice();
  const footer = binaryOf(item, footerName, "ERR_FOOTER_MALFORMED");
  const parsedHeader = parseHeader(header);
  requireAcceptedSuite(plan, parsedHeader.algorithmSuite);
  const fields = applyLegend(parsedHeader, storedFields(cryptography, item));
  const { formatVersion, algorithmSuite, encryptionContext, encryptedDataKeys } = parsedHeader;
  const selector = contextTerminals(plan, fields, formatVersion);
  const reproduced = itemContext(plan, formatVersion, selector);
  const materials = await cmm.decryptMaterials(
    { algorithmSuite, encryptionContext, reproducedEncryptionContext: reproduced, encryptedDataKeys },
    call,
  );
  cryptography.served.note(call.region, encryptedDataKeys);
  const decrypted = await decryptStructure({ parsedHeader, header, footer, fields, materials }).finally(() => releaseMaterials(materials));
  const result = attributeMap();
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(reservedPrefix)) continue;
    const terminal = decrypted.get(name);
    result[name] = terminal === undefined ? value : deserializeAttributeValue(terminal);
  }
  const actions = new Map(fields.map(({ name, action }) => [name, action]));
  if (plan.acceptedSuites === undefined && isWeaker(algorithmSuite, plan.algorithmSuite)) {
    call.onEvent?.({ type: "weaker-suite-read", tableName: plan.tableName, algorithmSuiteId: algorithmSuite.id });
  }
  return { item: result, header: itemHeader({ parsed: parsedHeader, materials, actions, selector }), actions };
}

/**
 * Whoever may decrypt can make an item under the HMAC suite: there is no signature in it. So it says something that a
 * table under ECDSA also holds others.
 */
function isWeaker(suite: AlgorithmSuite, written: AlgorithmSuite): boolean {
  return suite.asymmetricSignature === undefined && written.asymmetricSignature !== undefined;
}

/** @throws ERR_SUITE_NOT_ACCEPTED, before any key is asked for */
function requireAcceptedSuite({ tableName, acceptedSuites }: TablePlan, suite: AlgorithmSuite): void {
  if (acceptedSuites === undefined || acceptedSuites.has(suite)) return;
  const accepted = [...acceptedSuites].map(({ name }) => name);
  throw new DynasealError("ERR_SUITE_NOT_ACCEPTED", { details: { tableName, algorithmSuite: suite.name, accepted } });
}

/** False for a plaintext item. @throws ERR_ITEM_REMNANT for anything in between */
function hasHeaderAndFooter(plan: TablePlan, item: AttributeMap): boolean {
  const hasHeader = Object.hasOwn(item, headerName);
  const hasFooter = Object.hasOwn(item, footerName);
  if (hasHeader && hasFooter) return true;
  const remnant = Object.keys(item).find((name) => name.startsWith(reservedPrefix));
  if (remnant === undefined) return false;
  throw new DynasealError("ERR_ITEM_REMNANT", { details: { tableName: plan.tableName, attribute: remnant } });
}

function storedFields({ plan, paths }: ItemCryptography, item: AttributeMap): readonly StoredField[] {
  const fields: Omit<Field, "action">[] = [];
  for (const [name, value] of Object.entries(item)) {
    if (name.startsWith(reservedPrefix) || !isSigned(plan, name, value)) continue;
    requireAttributeName(name);
    fields.push({ name, path: paths.of(name), terminal: terminalOf(name, value) });
  }
  return fields;
}
