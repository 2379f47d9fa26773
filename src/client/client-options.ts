import { systemRandomness } from "../crypto/index.ts";
import { DynasealError, invalidArgument, requireWhole } from "../errors/index.ts";
import { itemCryptography } from "../item/index.ts";
import {
  type CryptographicMaterialsManager,
  cmmOf,
  type EventListener,
  isKeyringOrCmm,
  type Keyring,
  limitedCmm,
  requireMaximum,
  systemClock,
} from "../materials/index.ts";
import { suggest, type TablePlan, type TableSchema, tablePlan } from "../schema/index.ts";
import {
  type ClientState,
  clientState,
  defaultOptions,
  type Freshness,
  freshnessOption,
  type OperationOptions,
  operationOptions,
  ProtectedTables,
  type RequestOptions,
  type Role,
  requestOnlyOptions,
  tableOf,
} from "../tables/index.ts";
import { type SearchOptions, tableSearches } from "./table-searches.ts";

/** Options of {@link encryptedClient}. */
export interface EncryptedClientOptions extends Omit<RequestOptions, "disclose">, SearchOptions {
  /** Parsed schema files, or results of `defineTable`; one for each protected table. */
  readonly schemas: readonly (TableSchema | object)[];
  /** For every table, or one for each by logical table name; a keyring, or a CMM such as `requiredEncryptionContextCmm` gives. */
  readonly keyring: Keyring | CryptographicMaterialsManager | Readonly<Record<string, Keyring | CryptographicMaterialsManager>>;
  /** Logical → physical table name, for tables that are not called as in their schema. Requests name physical tables. */
  readonly tableNames?: Readonly<Record<string, string>> | undefined;
  /** Physical names of tables that stay plain; `"all"`: every table without a schema. By default none: such a table is refused. */
  readonly plainTables?: readonly string[] | "all" | undefined;
  /**
   * Takes a plain http endpoint of DynamoDB that is not on this machine, for containers on one host. Everybody on the way
   * then reads keys of items and what is not encrypted. Default false. Keyrings and key stores have an option of their own.
   */
  readonly allowPlainHttp?: boolean | undefined;
  /** How many encrypted data keys an item may have, read or written; default 32, `Infinity`: any number. */
  readonly maxEncryptedDataKeys?: number | undefined;
  /** How many KMS calls one request may have under way; default 16. */
  readonly kmsConcurrency?: number | undefined;
  /** Is told of plaintext reads and writes, fail-overs and the like. */
  readonly onEvent?: EventListener | undefined;
  /**
   * `"reader"` refuses before any call whatever changes the items of protected tables, or any table that is not
   * configured to be plain (DeleteTable, UpdateTimeToLive and the like); `"writer"` everything that would have to decrypt:
   * reads, and writes that return items. A role guards against mistakes; grants guard against people.
   */
  readonly role?: Role | undefined;
  /** Has to be true where a schema's `plaintextOverride` lets plaintext be read. */
  readonly acknowledgePlaintext?: boolean | undefined;
  /** Indexes that hold only parts of items, by name: `"fetch"` reads their items from the table. By default they are refused. */
  readonly indexes?: Readonly<Record<string, "fetch">> | undefined;
  /** What the application knows of its items' revisions, so that older ones are refused; see docs/rollback.md. */
  readonly freshness?: Freshness | undefined;
}

/** Options after their checks. */
export interface ClientSettings {
  readonly state: ClientState;
  readonly kmsConcurrency: number;
  readonly onEvent: EventListener | undefined;
  readonly role: Role | undefined;
  readonly allowPlainHttp: boolean | undefined;
  readonly options: OperationOptions;
}

const known = [
  ...["schemas", "keyring", "tableNames", "plainTables", "kmsConcurrency", "onEvent", "acknowledgePlaintext", "role"],
  ...["indexes", "beaconKeys", "partitionSelectors", "freshness", "maxEncryptedDataKeys", "allowPlainHttp"],
  ...Object.keys(defaultOptions).filter((name) => !requestOnlyOptions.includes(name)),
];

/**
 * Checks the options of a client and compiles its tables.
 *
 * @throws ERR_OPTION_UNKNOWN, ERR_INVALID_ARGUMENT, ERR_TABLE_CONFIGURED_TWICE, ERR_SCHEMA_INVALID,
 *   ERR_PLAINTEXT_NOT_ACKNOWLEDGED, ERR_BEACON_KEYS_NOT_CONFIGURED
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "DynamoDb Table Encryption Configs"
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "DynamoDB Table Name", "Logical Table Name"
 */
export function clientSettings(options: EncryptedClientOptions): ClientSettings {
  checkNames(options);
  const { schemas, plainTables = [], kmsConcurrency = 16, onEvent, acknowledgePlaintext, role } = options;
  if (!Array.isArray(schemas)) throw invalidArgument("schemas", "a list of parsed schema files or results of defineTable");
  requireWhole("kmsConcurrency", kmsConcurrency, 1);
  if (onEvent !== undefined && typeof onEvent !== "function") throw invalidArgument("onEvent", "a function");
  if (role !== undefined && role !== "reader" && role !== "writer") throw invalidArgument("role", '"reader" or "writer"');
  checkPlainTables(plainTables);
  const plans = schemas.map((schema) => tablePlan(schema, { acknowledgePlaintext }));
  const searchOf = tableSearches(plans, options);
  const physicalName = physicalNames(plans, options);
  const cmmOfTable = materialsManagers(plans, options.keyring);
  const maxEncryptedDataKeys = requireMaximum("maxEncryptedDataKeys", options.maxEncryptedDataKeys);
  refuseDuplicates(plans, plainTables, physicalName);
  const tables = plans.map((plan) => ({
    physicalName: physicalName(plan),
    plan,
    cryptography: itemCryptography({ plan, cmm: limitedCmm(cmmOfTable(plan), maxEncryptedDataKeys), randomness: systemRandomness }),
    search: searchOf(plan),
  }));
  const state = clientState({
    tables: new ProtectedTables({ tables, plainTables, fetchIndexes: fetchIndexes(options) }),
    clock: systemClock,
    randomness: systemRandomness,
    freshness: freshnessOption(options.freshness, plans),
  });
  const { allowPlainHttp } = options;
  return { state, kmsConcurrency, onEvent, role, allowPlainHttp, options: operationOptions(options) };
}

function fetchIndexes({ indexes = {} }: EncryptedClientOptions): ReadonlySet<string> {
  for (const [name, how] of Object.entries(indexes)) {
    if (how !== "fetch") throw invalidArgument(`indexes.${name}`, '"fetch"');
  }
  return new Set(Object.keys(indexes));
}

function checkNames(options: EncryptedClientOptions): void {
  if (typeof options !== "object" || options === null) throw invalidArgument("options", "an object with schemas and keyring");
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    throw new DynasealError("ERR_OPTION_UNKNOWN", { details: { option, known, suggestion: suggest(option, known) } });
  }
}

function checkPlainTables(plainTables: readonly string[] | "all"): void {
  if (plainTables === "all") return;
  // A table of a name that no request can have would be left out in silence.
  if (!Array.isArray(plainTables) || plainTables.some((name) => typeof name !== "string" || tableOf(name) !== name)) {
    throw invalidArgument("plainTables", '"all" or a list of physical table names');
  }
}

function physicalNames(plans: readonly TablePlan[], options: EncryptedClientOptions): (plan: TablePlan) => string {
  const names = new Map(Object.entries(options.tableNames ?? {}));
  for (const [logical, physical] of names) {
    if (!plans.some(({ tableName }) => tableName === logical))
      throw invalidArgument(`tableNames.${logical}`, "the tableName of one of the schemas");
    if (typeof physical !== "string" || tableOf(physical) !== physical)
      throw invalidArgument(`tableNames.${logical}`, "a physical table name, not an ARN");
  }
  for (const { tableName } of plans) {
    // No request can name such a table.
    if (!names.has(tableName) && tableOf(tableName) !== tableName)
      throw invalidArgument(`tableNames.${tableName}`, "a physical table name, since the schema's own tableName cannot be one");
  }
  return ({ tableName }) => names.get(tableName) ?? tableName;
}

function materialsManagers(
  plans: readonly TablePlan[],
  keyring: EncryptedClientOptions["keyring"],
): (plan: TablePlan) => CryptographicMaterialsManager {
  if (isKeyringOrCmm(keyring)) {
    const cmm = cmmOf(keyring);
    return () => cmm;
  }
  if (typeof keyring !== "object" || keyring === null) throw invalidArgument("keyring", "a keyring, or keyrings by logical table name");
  const byName = new Map(Object.entries(keyring));
  for (const [name, one] of byName) {
    if (!plans.some(({ tableName }) => tableName === name))
      throw invalidArgument(`keyring.${name}`, "named after the tableName of one of the schemas");
    if (!isKeyringOrCmm(one)) throw invalidArgument(`keyring.${name}`, "a keyring or a cryptographic materials manager");
  }
  return ({ tableName }) => {
    const one = byName.get(tableName);
    if (one === undefined) throw invalidArgument(`keyring.${tableName}`, "a keyring: each table needs one");
    return cmmOf(one);
  };
}

function refuseDuplicates(plans: readonly TablePlan[], plainTables: readonly string[] | "all", nameOf: (plan: TablePlan) => string): void {
  for (const plan of plans) {
    const physicalName = nameOf(plan);
    const same = plans.filter((other) => nameOf(other) === physicalName);
    const isPlain = (name: string): boolean => plainTables !== "all" && plainTables.includes(name);
    const logicalNames = same.map(({ tableName }) => tableName);
    if (same.length > 1 || isPlain(physicalName)) {
      throw new DynasealError("ERR_TABLE_CONFIGURED_TWICE", { details: { physicalName, logicalNames } });
    }
    // A request that names the table as its schema does would write plain items.
    const { tableName } = plan;
    const isTableOfItsOwn = plans.some((other) => nameOf(other) === tableName);
    if (isPlain(tableName) && !isTableOfItsOwn) {
      throw new DynasealError("ERR_TABLE_CONFIGURED_TWICE", { details: { physicalName: tableName, logicalNames } });
    }
  }
}
