import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../src/expressions/index.ts";
import type { ExpressionCase } from "../expression-arbitraries.ts";

/** One of the few keys of a scenario; numbers have two spellings. A fault makes it no key of the table. */
export interface KeyChoice {
  readonly index: number;
  readonly spelling: number;
  readonly fault: "missing" | "extra" | "type" | "empty" | undefined;
}

export interface Conditional {
  readonly condition: ExpressionCase | undefined;
  readonly returnOnFailure: boolean;
}

export type Put = Conditional & { readonly key: KeyChoice; readonly item: Item };
export type Delete = Conditional & { readonly key: KeyChoice };
export type Update = Conditional & {
  readonly key: KeyChoice;
  readonly update: ExpressionCase | undefined;
  /** Says how an update gets along with a schema that wants its context attribute in every item. */
  readonly whereMissing: "create" | "refuse";
  readonly context: AttributeValue;
};
export type Check = Conditional & { readonly condition: ExpressionCase; readonly key: KeyChoice };

export type TransactAction =
  | (Put & { readonly kind: "Put" })
  | (Update & { readonly kind: "Update" })
  | (Delete & { readonly kind: "Delete" })
  | (Check & { readonly kind: "ConditionCheck" });

export type IndexChoice = "byTag" | "byGroup" | undefined;

export interface SortChoice {
  readonly comparator: "=" | "<" | "<=" | ">" | ">=" | "BETWEEN" | "begins_with";
  readonly values: readonly [number, number];
}

export interface PageOptions {
  readonly index: IndexChoice;
  readonly filter: ExpressionCase | undefined;
  readonly projection: ExpressionCase | undefined;
  readonly select: "COUNT" | "ALL_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | undefined;
  readonly limit: number | undefined;
  readonly consistent: boolean;
  /** Whether what the service refuses together is sent together. */
  readonly careless: boolean;
}

export type ReturnValues = "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW" | undefined;

/** An operation on whatever table; only together with a table model does it become a request. */
export type Operation = { readonly throughDocuments: boolean } & (
  | (Put & { readonly kind: "PutItem"; readonly returnValues: ReturnValues })
  | (Delete & { readonly kind: "DeleteItem"; readonly returnValues: ReturnValues })
  | (Update & { readonly kind: "UpdateItem"; readonly returnValues: ReturnValues })
  | { readonly kind: "GetItem"; readonly key: KeyChoice; readonly projection: ExpressionCase | undefined; readonly consistent: boolean }
  | { readonly kind: "BatchGetItem"; readonly keys: readonly KeyChoice[]; readonly projection: ExpressionCase | undefined }
  | { readonly kind: "BatchWriteItem"; readonly writes: readonly { readonly key: KeyChoice; readonly item: Item | undefined }[] }
  | {
      readonly kind: "TransactGetItems";
      readonly gets: readonly { readonly key: KeyChoice; readonly projection: ExpressionCase | undefined }[];
    }
  | {
      readonly kind: "TransactWriteItems";
      readonly actions: readonly TransactAction[];
      /** Sent a second time with the same token where there is one. */
      readonly token: "none" | "given" | "repeated";
    }
  | (PageOptions & {
      readonly kind: "Query";
      readonly partition: number;
      readonly sort: SortChoice | undefined;
      readonly forward: boolean | undefined;
    })
  | (PageOptions & { readonly kind: "Scan"; readonly segments: number })
);
