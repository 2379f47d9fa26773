import { DynasealError } from "../../errors/index.ts";
import { readPaths, topLevel, type Update } from "../../expressions/index.ts";
import { actionOf, type TablePlan } from "../../schema/index.ts";
import type { SignedAction } from "../../structure/index.ts";

/** A value that an update computes from an encrypted attribute, and stores readable. */
export interface Disclosure {
  readonly attribute: string;
  readonly from: string;
}

/** What an update is held against. */
export interface DisclosureCheck {
  /** Of the item as it is written. */
  readonly plan: TablePlan;
  readonly update: Update;
  /** What the item's legend says: it may have encrypted what the schema does not name. */
  readonly legend?: ReadonlyMap<string, SignedAction> | undefined;
  /** Attributes that the request lets be disclosed. */
  readonly disclose: readonly string[];
}

/**
 * The disclosures of an update, all of which the request allows.
 *
 * @throws ERR_WOULD_EXPOSE where it does not
 */
export function requireDisclosable({ plan, update, legend, disclose }: DisclosureCheck): readonly Disclosure[] {
  const isEncrypted = (name: string): boolean => legend?.get(name) === "ENCRYPT_AND_SIGN" || actionOf(plan, name) === "ENCRYPT_AND_SIGN";
  const disclosures = update.set.flatMap((action): Disclosure[] => {
    const [attribute] = action.path.elements;
    // What the schema says nothing about is refused elsewhere.
    if (actionOf(plan, attribute) === "ENCRYPT_AND_SIGN") return [];
    const sources = topLevel(readPaths({ ...update, set: [action] }));
    return [...sources].filter(isEncrypted).map((from) => ({ attribute, from }));
  });
  const forbidden = disclosures.find(({ attribute }) => !disclose.includes(attribute));
  if (forbidden === undefined) return disclosures;
  const { attribute, from } = forbidden;
  const planned = actionOf(plan, attribute) ?? "DO_NOTHING";
  throw new DynasealError("ERR_WOULD_EXPOSE", {
    details: { tableName: plan.tableName, attribute, from, stored: "ENCRYPT_AND_SIGN", planned },
  });
}
