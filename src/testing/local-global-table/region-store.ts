import database from "dynalite/db/index.js";
import validator from "dynalite/validations/index.js";
import { decideDocuments } from "./document-conditions.ts";
import { type DynaliteOperationName, dynaliteOperations } from "./dynalite-operations.ts";
import type { DynaliteCallback, DynaliteFailure, DynaliteStore, PreparedInput, TableDescription } from "./dynalite-types.ts";
import { ServiceException } from "./service-exception.ts";
import { isRecord, type WireBody, type WireItem } from "./wire.ts";

/** The account that all local resources belong to. */
export const localAccount = "000000000000";

/** The tables and items of one Region, in memory: dynalite with promises. It knows nothing of other Regions. */
export class RegionStore {
  readonly #store: DynaliteStore;

  constructor(region: string) {
    this.#store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    this.#store.tableDb.awsRegion = region;
    this.#store.tableDb.awsAccountId = localAccount;
  }

  /** Checks an operation's input as the service does before it touches a table, and parses its expressions. */
  prepare(operation: DynaliteOperationName, body: WireBody): PreparedInput {
    const { rules } = dynaliteOperations[operation];
    try {
      const input = validator.checkTypes({ ...body }, rules.types);
      validator.checkValidations(input, rules.types, rules.custom, this.#store);
      return input;
    } catch (failure) {
      throw exceptionOf(failure);
    }
  }

  /** The answer is a copy: dynalite goes on changing a table's description after it has answered. */
  async execute(operation: DynaliteOperationName, input: PreparedInput): Promise<WireBody> {
    const answer = await promised<unknown>((callback) => dynaliteOperations[operation].action(this.#store, input, callback));
    return isRecord(answer) ? structuredClone(answer) : {};
  }

  run(operation: DynaliteOperationName, body: WireBody): Promise<WireBody> {
    return this.execute(operation, this.prepare(operation, body));
  }

  /** The description of a table in whatever state; undefined where there is none. */
  async describe(tableName: string): Promise<TableDescription | undefined> {
    try {
      return await promised<TableDescription>((callback) => this.#store.getTable(tableName, false, callback));
    } catch (exception) {
      if (exception instanceof ServiceException && exception.type === "ResourceNotFoundException") return undefined;
      throw exception;
    }
  }

  /** The description of a table that can be read and written. */
  table(tableName: string): Promise<TableDescription> {
    return promised<TableDescription>((callback) => this.#store.getTable(tableName, true, callback));
  }

  /** An item as it is stored, by the id that `idOf` gave. */
  async read(tableName: string, id: string): Promise<WireItem | undefined> {
    return promised<WireItem | undefined>((callback) => this.#store.getItemDb(tableName).get(id, callback));
  }

  /** Stores an item, or removes what is under the key; no condition, no check. */
  async write(tableName: string, key: WireItem, item: WireItem | undefined): Promise<void> {
    if (item === undefined) await this.execute("DeleteItem", { TableName: tableName, Key: key });
    else await this.execute("PutItem", { TableName: tableName, Item: item });
  }

  /** Replaces the description of a table, where indexes come or go. */
  async describeAs(table: TableDescription): Promise<void> {
    await promised<unknown>((callback) => this.#store.tableDb.put(table.TableName, table, callback));
  }

  /** Puts an item that is stored already into the global indexes of the description. */
  async fillIndexes(table: TableDescription, item: WireItem): Promise<void> {
    await promised<unknown>((callback) => database.updateIndexes(this.#store, table, undefined, item, callback));
  }

  async emptyIndex(tableName: string, indexName: string): Promise<void> {
    await promised<unknown>((callback) => this.#store.deleteIndexDb("Global", tableName, indexName, callback));
  }

  close(): Promise<void> {
    return this.#store.db.close();
  }
}

/** The primary key within an item. */
export function keyOf(table: TableDescription, item: WireItem): WireItem {
  const names = new Set(table.KeySchema.map((element) => element.AttributeName));
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** The text that stands for a primary key: equal for equal keys; undefined where the item has none that fits. */
export function idOf(table: TableDescription, item: WireItem): string | undefined {
  return database.validateItem(item, table) ? undefined : database.createKey(item, table);
}

/** Throws the service's ConditionalCheckFailedException unless the item, or its absence, meets the input's condition. */
export function checkCondition(input: PreparedInput, item: WireItem | undefined): void {
  const failure = database.checkConditional(decideDocuments(input, item), item);
  if (failure) throw exceptionOf(failure);
}

/** Throws the service's ValidationException unless the key fits the table's schema. */
export function checkKey(table: TableDescription, key: WireItem): void {
  const failure = database.validateKey(key, table);
  if (failure) throw exceptionOf(failure);
}

/** Bytes, as the service counts them. */
export function itemSize(item: WireItem): number {
  return database.itemSize(item);
}

/** What reading (consistently) or writing an item costs, or finding that there is none. */
export function capacityUnits(item: WireItem | undefined, use: "read" | "write"): number {
  return database.capacityUnits(item, use === "read", true);
}

function promised<Result>(start: (callback: DynaliteCallback<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((failure, result) => {
      if (failure) reject(exceptionOf(failure));
      else resolve(result as Result);
    });
  });
}

function exceptionOf(failure: unknown): ServiceException {
  const { statusCode, body, message } = failure as DynaliteFailure;
  if (statusCode !== undefined && body !== undefined) return new ServiceException(statusCode, body);
  return new ServiceException(500, { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
}
