import { type AttributeMap, type AttributeValue, attributeMap, normalizeNumber } from "../attributes/index.ts";
import { DynasealError, invalidArgument, isDynasealError } from "../errors/index.ts";
import type { Clock } from "../materials/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { keyOf } from "./primary-key.ts";

/** The item whose floor is asked for. */
export interface FreshnessInput {
  /** The logical table name. */
  readonly tableName: string;
  /** The item's key as AttributeValues, no other attribute. */
  readonly key: AttributeMap;
}

/** What an application remembers of its items, in a store that whoever may write the table cannot write. */
export interface Freshness {
  /**
   * The lowest revision that the item may have, a whole number; `undefined` where the application does not know. Asked
   * once for each item of a consistent read; if it throws, the read fails with what it threw.
   */
  floor(item: FreshnessInput): number | undefined | Promise<number | undefined>;
}

/**
 * The option `freshness` of a client, checked.
 *
 * @throws ERR_INVALID_ARGUMENT, also where no schema has a revision: nothing would be checked
 */
export function freshnessOption(freshness: Freshness | undefined, plans: readonly TablePlan[]): Freshness | undefined {
  if (freshness === undefined) return undefined;
  if (typeof freshness?.floor !== "function") throw invalidArgument("freshness.floor", "a function");
  if (plans.every(({ revision }) => revision === undefined)) {
    throw invalidArgument("freshness", "absent where no schema has a revision");
  }
  return freshness;
}

/** An item that is about to be written. */
export interface RevisionedWrite {
  readonly plan: TablePlan;
  /** As the application knows it, before it is encrypted. */
  readonly item: AttributeMap;
  /** The verified, decrypted item that the write is guarded on; `undefined` where nothing was read, or nothing is there. */
  readonly old: AttributeMap | undefined;
  readonly clock: Clock;
}

/**
 * The item with its new revision, whatever the application set there: the clock in milliseconds, and more than the old
 * one. Without an `old` item that is the clock alone. An old revision that is no number counts for nothing.
 * An old one of 1E38 or more, which nobody's clock gives, has a successor that encryption refuses (ERR_NUMBER_INVALID).
 */
export function withRevision({ plan, item, old, clock }: RevisionedWrite): AttributeMap {
  const { revision } = plan;
  if (revision === undefined) return item;
  const now = BigInt(Math.floor(clock.now()));
  const before = old === undefined ? undefined : wholePart(valueOf(old, revision));
  const next = before === undefined || before < now ? now : before + 1n;
  return attributeMap([...Object.entries(item), [revision, { N: next.toString() }]]);
}

/** An item that was read consistently, verified and decrypted. */
export interface FreshnessCheck {
  readonly plan: TablePlan;
  readonly item: AttributeMap;
  readonly freshness: Freshness | undefined;
}

/**
 * Refuses an item that is older than the application knows it to be. To be asked on consistent reads only, and on those
 * before a guarded write: elsewhere an older item is the ordinary case, and a write would give it a new revision.
 *
 * @throws ERR_ITEM_ROLLED_BACK, ERR_INVALID_ARGUMENT, and what `floor` throws
 */
export async function requireFresh({ plan, item, freshness }: FreshnessCheck): Promise<void> {
  const { revision, tableName } = plan;
  if (revision === undefined || freshness === undefined) return;
  const floor = await freshness.floor({ tableName, key: keyOf(plan, item) });
  if (floor === undefined) return;
  if (!Number.isSafeInteger(floor)) throw invalidArgument("the answer of freshness.floor", "a whole number, or undefined");
  const stored = wholePart(valueOf(item, revision));
  if (stored === undefined || stored < BigInt(floor)) throw new DynasealError("ERR_ITEM_ROLLED_BACK", { details: { tableName } });
}

function valueOf(item: AttributeMap, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** A number without its fraction, towards zero; other writers may have stored any number. */
function wholePart(value: AttributeValue | undefined): bigint | undefined {
  if (typeof value?.N !== "string") return undefined;
  try {
    return BigInt(normalizeNumber(value.N).replace(/\..*$/, ""));
  } catch (error) {
    if (isDynasealError(error, "ERR_NUMBER_INVALID")) return undefined;
    throw error;
  }
}
