/** What one difference between two versions of a schema means. */
export interface SchemaChange {
  /** The attribute, or the property of the schema. */
  readonly subject: string;
  /** What changed, as a sentence. */
  readonly change: string;
  /** What to do about it; empty if nothing has to be done. */
  readonly remedy: string;
}

/** Who has to have the new schema before whom. */
export type Rollout =
  /** Readers and writers in any order. */
  | "any-order"
  /** Every reader before the first writer: the old schema cannot read what the new one writes. */
  | "readers-first"
  /** Every writer before the first reader: the new schema cannot read what the old one writes. */
  | "writers-first"
  /** Neither version reads what the other one writes. */
  | "none";

/** The two questions about a change, each with an answer of its own. */
export interface SchemaDiff {
  /** The logical table name of the new schema. */
  readonly tableName: string;
  readonly compatibility: {
    /** Whether items written under the old schema are read under the new one. */
    readonly readsOldItems: boolean;
    /** Whether items written under the new schema are read under the old one. */
    readonly readsNewItems: boolean;
    readonly rollout: Rollout;
    /** Why an item might not be read. */
    readonly breaks: readonly SchemaChange[];
    /** What items that exist lack until they are rewritten: beacons, stronger actions. */
    readonly rewrites: readonly SchemaChange[];
  };
  readonly confidentiality: {
    /** Whether anything is less protected than before. */
    readonly weaker: boolean;
    readonly weakened: readonly SchemaChange[];
    readonly strengthened: readonly SchemaChange[];
  };
}
