import { type Condition, leafPaths, referencedAttributes, signedLeaves } from "../../expressions/index.ts";
import { keyAttributes } from "../../item/index.ts";
import { isSigned, type TablePlan } from "../../schema/index.ts";

/**
 * Whether the service can decide a condition on stored items: it tests encrypted attributes for existence only.
 * What the schema does not name may be encrypted by another version of it, and then its value must not travel.
 *
 * @param verify whether signed attributes count as undecidable too, since the service compares what nobody verified
 */
export function isDecidable(plan: TablePlan, condition: Condition, { verify }: { readonly verify: boolean }): boolean {
  const keys = keyAttributes(plan);
  return signedLeaves(condition).every(({ leaf }) => {
    const existence = leaf.kind === "attribute_exists" || leaf.kind === "attribute_not_exists";
    return leafPaths(leaf).every(({ elements: [attribute, ...steps] }) => {
      // A key is what the service found the item by.
      if (keys.includes(attribute)) return true;
      if (verify && isSigned(plan, attribute)) return false;
      if (existence && steps.length === 0) return true;
      const action = plan.actions.get(attribute) ?? (isSigned(plan, attribute) ? undefined : "DO_NOTHING");
      return action !== undefined && action !== "ENCRYPT_AND_SIGN";
    });
  });
}

/** A condition of a guarded write, divided into what travels with the write and what was decided before. */
export interface DividedCondition {
  /** Terms of unsigned attributes only: the service decides them on what they are at that moment. */
  readonly native: readonly Condition[];
  /** What those terms read. */
  readonly nativeNames: ReadonlySet<string>;
  /** Unsigned attributes that the other terms read: the guard pins them to what was read. */
  readonly pinned: ReadonlySet<string>;
}

export function divideCondition(plan: TablePlan, condition: Condition | undefined): DividedCondition {
  const terms = condition === undefined ? [] : condition.kind === "and" ? condition.terms : [condition];
  const isNative = (term: Condition): boolean => [...referencedAttributes(term)].every((attribute) => !isSigned(plan, attribute));
  const local = terms.filter((term) => !isNative(term));
  const native = terms.filter(isNative);
  return {
    native,
    nativeNames: new Set(native.flatMap((term) => [...referencedAttributes(term)])),
    pinned: unsignedOf(
      plan,
      local.flatMap((term) => [...referencedAttributes(term)]),
    ),
  };
}

/** Those attributes that no signature holds in place. */
export function unsignedOf(plan: TablePlan, attributes: Iterable<string>): ReadonlySet<string> {
  return new Set([...attributes].filter((attribute) => !isSigned(plan, attribute)));
}
