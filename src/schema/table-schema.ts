import type { AttributeType } from "./attribute-type.ts";
import type { AttributeBeaconInput, SearchInput } from "./search-input.ts";
import type { CryptoAction, PlaintextOverride } from "./table-plan.ts";

/** The long form of an attribute. */
export interface AttributeObjectInput {
  readonly action: CryptoAction;
  readonly beacon?: AttributeBeaconInput;
  /** For TypeScript only: not checked at run time, and not bound into items. */
  readonly type?: AttributeType;
  /** For TypeScript only: whether an item may lack the attribute. */
  readonly optional?: boolean;
}

/** What a schema says about one attribute: its action, or an object that holds it. */
export type AttributeInput = CryptoAction | AttributeObjectInput;

/** A secondary index of the table, by the attributes that the application knows. */
export interface IndexInput {
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** The index holds parts of items, whose items are read from the table; the client's option `indexes` has the last word. */
  readonly read?: "fetch";
}

/** One kind of item of a table that holds several. */
export interface EntityInput {
  /** Attributes that stay readable, with the text by which items of this entity are known. */
  readonly when: { readonly [attribute: string]: string };
  /** Attributes beside the table's own. An attribute has one action, whichever entity it is in. */
  readonly attributes: { readonly [name: string]: AttributeInput };
}

/** Which branch key an item is under, as data. */
export interface BranchKeyInput {
  /** A key, or an attribute with SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT: no other is known before an item is decrypted. */
  readonly from: string;
  /** From the attribute's text to the branch key's identifier. Without it the text is the identifier. */
  readonly map?: { readonly [value: string]: string };
}

/**
 * What a schema file holds and `defineTable` takes: inert data. `schemas/table.schema.json` describes the same for
 * editors.
 *
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md
 */
export interface TableInput extends SearchInput {
  /** For editors only. */
  readonly $schema?: string;
  /** The oldest version of dynaseal that may read the schema, such as `0.2.0`. */
  readonly minimumVersion?: string;
  /** Files `*.attributes.json`, for `loadSchemas` only; in code write `attributes: { ...personalData }`. */
  readonly include?: readonly string[];
  /** The logical table name, bound into every item. */
  readonly tableName: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Name → action. Keys may be left out. */
  readonly attributes: { readonly [name: string]: AttributeInput };
  /** The action of attributes that `attributes` does not name; without it writing one is refused. */
  readonly otherAttributes?: "ENCRYPT_AND_SIGN" | "SIGN_ONLY";
  /** Names beyond the DO_NOTHING ones that are left out of the signature. */
  readonly unsignedAttributes?: readonly string[];
  /** Attributes whose names begin with this are left out of the signature. */
  readonly unsignedAttributePrefix?: string;
  /** ECDSA (0x6701) unless given. */
  readonly algorithmSuite?: "ECDSA" | "HMAC";
  /** The suites under which items are read; both unless given. Whoever can read HMAC items can forge them. */
  readonly acceptAlgorithmSuites?: readonly ("ECDSA" | "HMAC")[];
  /** The two policies that read plaintext also need `acknowledgePlaintext: true` in code. */
  readonly plaintextOverride?: PlaintextOverride;
  /** The last day on which `plaintextOverride` is meant to be there, such as `2027-01-31`; for `dynaseal schema lint` only. */
  readonly plaintextUntil?: string;
  readonly branchKey?: BranchKeyInput;
  /** A SIGN_ONLY number that the client raises on every write. */
  readonly revision?: string;
  /** The attribute by which DynamoDB expires items; it stays readable. */
  readonly timeToLive?: string;
  /** The table's secondary indexes by their names. */
  readonly indexes?: { readonly [name: string]: IndexInput };
  /** Kinds of items that share the table. */
  readonly entities?: { readonly [name: string]: EntityInput };
}

declare const checked: unique symbol;

/**
 * A schema that was checked: as it was written (without `$schema`), copied, frozen to the last level. Its maps have no
 * prototype. Made by `parseSchema`, `defineTable` and `loadSchemas` only.
 */
export interface TableSchema extends Omit<TableInput, "$schema"> {
  readonly [checked]: true;
}
