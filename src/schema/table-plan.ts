import type { AttributeValue } from "../attributes/index.ts";
import type { AlgorithmSuite } from "../crypto/index.ts";
import { isReplication } from "./replication-attributes.ts";
import type { SearchPlan } from "./search-plan.ts";

/** @see specification/structured-encryption/structures.md "Crypto Action" */
export type CryptoAction = "ENCRYPT_AND_SIGN" | "SIGN_ONLY" | "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" | "DO_NOTHING";

/** @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Plaintext Policy" */
export type PlaintextOverride =
  | "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ"
  | "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ"
  | "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";

/** What a schema says about one secondary index. */
export interface IndexPlan {
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
  /** `fetch`: the index holds parts of items, whose items are read from the table. */
  readonly read: "fetch" | undefined;
}

/** A schema after its checks: frozen, complete, defaults filled in. What every other room works with. */
export interface TablePlan {
  /** The logical table name, bound into every item. */
  readonly tableName: string;
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
  /** Every attribute that the schema names, keys included. */
  readonly actions: ReadonlyMap<string, CryptoAction>;
  /** What happens to an attribute the schema does not name; undefined: refused on write. */
  readonly otherAttributes: "ENCRYPT_AND_SIGN" | "SIGN_ONLY" | undefined;
  /** Every DO_NOTHING attribute and the further ones that may be met on read. */
  readonly unsignedAttributes: ReadonlySet<string>;
  readonly unsignedAttributePrefix: string | undefined;
  readonly algorithmSuite: AlgorithmSuite;
  /** The suites under which items are read; undefined where the schema does not say, and both are. */
  readonly acceptedSuites: ReadonlySet<AlgorithmSuite> | undefined;
  /** 2 as soon as any attribute has SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT. */
  readonly formatVersion: 1 | 2;
  readonly plaintextOverride: PlaintextOverride;
  /** Which attribute names the branch key, and the way from its text to the identifier (undefined: the text itself). */
  readonly branchKey: { readonly from: string; readonly map: ReadonlyMap<string, string> | undefined } | undefined;
  /** The SIGN_ONLY number that the client raises on every write. */
  readonly revision: string | undefined;
  /** The attribute by which DynamoDB expires items. */
  readonly timeToLive: string | undefined;
  /** The secondary indexes that the schema names, by the attributes that the application knows. */
  readonly indexes: ReadonlyMap<string, IndexPlan>;
  /** Beacons and virtual fields; undefined where the schema has none. */
  readonly search: SearchPlan | undefined;
}

/**
 * The action on write; `undefined` where the schema says nothing and the write has to be refused.
 *
 * @param value as in {@link isSigned}
 * @see specification/structured-encryption/structures.md "SIGN", "DO_NOT_SIGN", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "ENCRYPT"
 * @see specification/structured-encryption/structures.md "DO_NOT_ENCRYPT"
 */
export function actionOf(plan: TablePlan, attribute: string, value?: AttributeValue): CryptoAction | undefined {
  const named = plan.actions.get(attribute);
  if (named !== undefined) return named;
  return isSigned(plan, attribute, value) ? plan.otherAttributes : "DO_NOTHING";
}

/**
 * Whether an attribute is in the signature scope.
 *
 * @param value where an item is at hand: only what has DynamoDB's own type passes for its bookkeeping
 * @see specification/dynamodb-encryption-client/decrypt-item.md "Signature Scope"
 */
export function isSigned(plan: TablePlan, attribute: string, value?: AttributeValue): boolean {
  if (plan.unsignedAttributes.has(attribute) || isReplication(attribute, value)) return false;
  return plan.unsignedAttributePrefix === undefined || !attribute.startsWith(plan.unsignedAttributePrefix);
}
