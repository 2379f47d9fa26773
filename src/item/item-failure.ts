import { type AttributeMap, attributeMap } from "../attributes/index.ts";
import { DynasealError, type ErrorCode, isDynasealError } from "../errors/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { keyAttributes } from "./item-cryptography.ts";

/**
 * What is wrong with one item alone, or most probably is. Everything else says something about keys, key store, KMS, configuration, or the
 * caller: the next item would fail as well, and an empty answer would hide an outage.
 */
const itemCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  // Changed, moved, written under another table, key or context.
  "ERR_NOT_AUTHENTIC",
  "ERR_ENCRYPTION_CONTEXT_MISMATCH",
  "ERR_CONTEXT_ATTRIBUTE_MISSING",
  "ERR_REQUIRED_CONTEXT_KEY_MISSING",
  "ERR_LEGEND_MISMATCH",
  "ERR_SUITE_NOT_ACCEPTED",
  // Not encrypted, or half of it is gone.
  "ERR_ITEM_NOT_ENCRYPTED",
  "ERR_ITEM_DDBEC",
  "ERR_ITEM_REMNANT",
  "ERR_HEADER_MALFORMED",
  "ERR_FOOTER_MALFORMED",
  "ERR_ATTRIBUTE_MALFORMED",
  "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "ERR_NUMBER_INVALID",
  "ERR_LIMIT_EXCEEDED",
  // Written under a key that this reader does not have, or that is gone for good.
  "ERR_NO_KEY_MATCHES",
  "ERR_BRANCH_KEY_NOT_FOUND",
  "ERR_BRANCH_KEY_ERASED",
  "ERR_BRANCH_KEY_ID_INVALID",
  "ERR_SUITE_NOT_SUPPORTED",
  // Older than the application knows it to be.
  "ERR_ITEM_ROLLED_BACK",
]);

/**
 * Whether a failure is of the one item that was read, so that whoever collects such items may go on. If several of its
 * encrypted data keys failed, all of them must have failed by what the item says: the key that would have worked may be
 * the one that could not be asked.
 */
export function isItemFault(error: unknown): error is DynasealError {
  return everyFailure(error, (one) => itemCodes.has(one.code) || (isCausedByItem(one) && !isDynasealError(one, "ERR_KMS_UNREACHABLE")));
}

/**
 * Whether a page may list an item that failed and go on. An item's own fault alone is not enough, since an outage or a wrong
 * configuration can look the same: a key store that lost its items, for instance, or a keyring for another environment. So
 * these count as the item's if the same keys served another item in the last minute, in the same Region.
 *
 * @param served whether the table's keyring served in the Region, anything or under a branch key; see `ServedKeys`
 */
export function isCollectable(error: unknown, served: (branchKeyId?: string) => boolean): error is DynasealError {
  return everyFailure(error, (one) => {
    if (isDynasealError(one, "ERR_BRANCH_KEY_NOT_REPLICATED"))
      return one.details.branchKeyIsHere === true || served(one.details.branchKeyId);
    const isDoubtful = doubtfulCodes.has(one.code) || (isDynasealError(one, "ERR_KMS_UNREACHABLE") && isCausedByItem(one));
    return isDoubtful ? served() : isItemFault(one);
  });
}

/** Of an item under foreign keys, or of a reader whose keys are wrong or gone. */
const doubtfulCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ERR_NO_KEY_MATCHES", "ERR_BRANCH_KEY_NOT_FOUND"]);

function everyFailure(error: unknown, holds: (one: DynasealError) => boolean): error is DynasealError {
  if (!isDynasealError(error)) return false;
  const { cause } = error;
  return cause instanceof AggregateError ? cause.errors.every((one) => everyFailure(one, holds)) : holds(error);
}

function isCausedByItem({ details }: DynasealError): boolean {
  return "causedBy" in details && details.causedBy === "item";
}

/**
 * The same failure as an error of its own, which says where the item was found, such as `the new image of record 7`.
 * `revealKey()` gives the values of its key attributes, which no log or printed error holds.
 */
export function naming(
  error: DynasealError,
  place: string,
  { plan, item }: { readonly plan: TablePlan; readonly item: AttributeMap },
): DynasealError {
  const named = new DynasealError(error.code, { details: error.details, cause: error.cause ?? error });
  named.message += ` It concerns ${place}; revealKey() of this error gives the values of its key.`;
  const key = attributeMap();
  for (const name of keyAttributes(plan)) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value !== undefined) key[name] = value;
  }
  return Object.defineProperty(named, "revealKey", { value: () => ({ ...key }), enumerable: false });
}
