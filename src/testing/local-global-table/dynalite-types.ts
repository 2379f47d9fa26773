import type { WireBody, WireItem } from "./wire.ts";

/** What dynalite's callbacks are given instead of an answer: HTTP status and body of the service's error. */
export interface DynaliteFailure {
  readonly statusCode?: number;
  readonly body?: WireBody;
  readonly message?: string;
}

export type DynaliteCallback<Result> = (failure: DynaliteFailure | null | undefined, result?: Result) => void;

/** The description of a table that dynalite stores. */
export interface TableDescription {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly [member: string]: unknown;
}

export interface IndexDescription {
  readonly IndexName: string;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
  readonly [member: string]: unknown;
}

/** The input of an operation after dynalite has checked it; expressions are parsed into hidden members. */
export interface PreparedInput {
  readonly TableName: string;
  readonly Key?: WireItem;
  readonly Item?: WireItem;
  readonly RequestItems?: Readonly<Record<string, readonly PreparedBatchWrite[]>>;
  readonly [member: string]: unknown;
}

export interface PreparedBatchWrite {
  readonly PutRequest?: { readonly Item: WireItem };
  readonly DeleteRequest?: { readonly Key: WireItem };
}

/** One dynalite database: all tables of one Region. */
export interface DynaliteStore {
  readonly tableDb: {
    awsRegion: string;
    awsAccountId: string;
    put(key: string, table: TableDescription, callback: DynaliteCallback<unknown>): void;
  };
  readonly db: { close(): Promise<void> };
  getTable(name: string, checkStatus: boolean, callback: DynaliteCallback<TableDescription>): void;
  getItemDb(tableName: string): { get(key: string, callback: DynaliteCallback<WireItem>): void };
  deleteIndexDb(kind: "Global", tableName: string, indexName: string, callback: DynaliteCallback<unknown>): void;
}

export interface DynaliteDatabase {
  create(options: { readonly createTableMs: number; readonly deleteTableMs: number; readonly updateTableMs: number }): DynaliteStore;
  /** The failure of a key that does not fit the table's schema. */
  validateKey(key: WireItem, table: TableDescription): DynaliteFailure | null | undefined;
  validateItem(item: WireItem, table: TableDescription): DynaliteFailure | null | undefined;
  /** The text under which an item is stored: equal for equal keys, numbers in whatever spelling. */
  createKey(item: WireItem, table: TableDescription): string;
  /** The failure of a condition that the item, or its absence, does not meet. */
  checkConditional(prepared: PreparedInput, item: WireItem | undefined): DynaliteFailure | null | undefined;
  /** Puts an item into all indexes of the description, and takes what it was before out of them. */
  updateIndexes(
    store: DynaliteStore,
    table: TableDescription,
    existing: WireItem | undefined,
    item: WireItem | undefined,
    callback: DynaliteCallback<unknown>,
  ): void;
  itemSize(item: WireItem): number;
  capacityUnits(item: WireItem | undefined, isRead: boolean, isConsistent: boolean): number;
}

export type DynaliteAction = (store: DynaliteStore, input: PreparedInput, callback: DynaliteCallback<unknown>) => void;

export interface DynaliteInputRules {
  readonly types: object;
  readonly custom?: unknown;
}

export interface DynaliteValidator {
  checkTypes(input: WireBody, types: object): PreparedInput;
  checkValidations(input: PreparedInput, types: object, custom: unknown, store: DynaliteStore): void;
}
