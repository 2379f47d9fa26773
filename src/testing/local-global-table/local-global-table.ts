import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import type { LocalGlobalTableFaults } from "./faults.ts";

/** A table to start with: CreateTable's input, where BillingMode may be left out and is then PAY_PER_REQUEST. */
export type LocalTable = Omit<CreateTableCommandInput, "TableName" | "AttributeDefinitions" | "KeySchema"> &
  Required<Pick<CreateTableCommandInput, "TableName" | "AttributeDefinitions" | "KeySchema">>;

/** Where CreateTable, DeleteTable and UpdateTable act: in every Region at once, or as in AWS in the one they are sent to. */
export type TableScope = "everywhere" | "one-region";

/** A write that is about to be copied, as a lag function sees it. */
export interface ReplicatedWrite {
  readonly tableName: string;
  /** The item's primary key. */
  readonly key: AttributeMap;
  readonly from: string;
  readonly to: string;
}

/** Milliseconds between a write and its arrival in another Region; a function may delay, and so reorder, single items. */
export type ReplicationLag = number | ((write: ReplicatedWrite) => number);

/** Which replication is meant: from one Region, to one Region, both, or all where neither is named. */
export interface ReplicationPath {
  readonly from?: string;
  readonly to?: string;
}

export interface LocalGlobalTableOptions {
  /** At least one, such as `["us-east-1", "eu-west-1"]`. */
  readonly regions: readonly string[];
  /** Created in every Region before `startLocalGlobalTable` resolves. */
  readonly tables?: readonly LocalTable[];
  /** Milliseconds from a write to its arrival elsewhere; 0 (the default) is as soon as possible. */
  readonly lag?: ReplicationLag;
  /**
   * Where CreateTable, DeleteTable and settings of UpdateTable act. `"everywhere"` (the default) saves a test from
   * adding replicas; `"one-region"` is what AWS does: a table is in one Region until UpdateTable adds a replica.
   */
  readonly tableScope?: TableScope;
  /** The clock that orders writes and ages tokens: milliseconds since 1970, fractions allowed. */
  readonly now?: () => number;
}

/**
 * DynamoDB Global Tables in this process. Real, unmodified clients of any SDK talk to it:
 *
 * ```ts
 * const local = await startLocalGlobalTable({ regions: ["us-east-1", "eu-west-1"], tables: [customers] });
 * const client = new DynamoDBClient(local.clientConfig("eu-west-1"));
 * …
 * await local.settled();
 * const stored = await local.rawItems("us-east-1", "customers");
 * await local.stop();
 * ```
 */
export interface LocalGlobalTable {
  /** One address for all Regions: the Region is the one that the client signs for. */
  readonly endpoint: string;
  readonly regions: readonly string[];
  /** An address for each Region, whatever the client signs for. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Everything a DynamoDBClient needs. @throws ERR_INVALID_ARGUMENT where there is no such Region */
  clientConfig(region: string): LocalGlobalTableClientConfig;
  /** Milliseconds, or a function of the written item; counts for writes from now on. */
  lag: ReplicationLag;
  /** Lift each with the function that it returns, or all with `clear`. */
  readonly faults: LocalGlobalTableFaults;
  /**
   * Every item of a table as one Region stores it, in no order: what an attacker with the table would see. Waits for a
   * transaction under way, not for replication.
   *
   * @throws ERR_INVALID_ARGUMENT where there is no such Region or table
   */
  rawItems(region: string, tableName: string): Promise<AttributeMap[]>;
  /**
   * Holds replication back: `pause()` all of it, `pause({ from })`, `pause({ to })` or `pause({ from, to })` a part.
   * Both Regions of a pause take writes meanwhile; after `resume` the last writer of each item wins.
   *
   * @throws ERR_INVALID_ARGUMENT where there is no such Region
   */
  pause(path?: ReplicationPath): void;
  /**
   * Ends pauses, and delivers what they held back; `resume()` ends all.
   *
   * @throws ERR_INVALID_ARGUMENT where there is no such Region
   */
  resume(path?: ReplicationPath): void;
  /** Resolves when no write is on its way. What a pause or a Region that is down holds back does not count. */
  settled(): Promise<void>;
  /** How many requests arrived, retries included: all, or those of a Region, of an operation such as `"GetItem"`, or both. */
  countRequests(which?: { readonly region?: string; readonly operation?: string }): number;
  /** Closes all connections at once and forgets all tables. */
  stop(): Promise<void>;
}

export interface LocalGlobalTableClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
