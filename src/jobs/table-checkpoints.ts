import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, paginateQuery } from "@aws-sdk/client-dynamodb";
import { type AttributeMap, attributeMap } from "../attributes/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { itemSize } from "../item/index.ts";
import type { JobCheckpoints, SegmentState } from "./job-checkpoints.ts";
import { countNames, type JobCounts, noCounts, sumFindings, type Tally } from "./job-counts.ts";
import { jobFailure } from "./job-failure.ts";

/** Options of {@link tableCheckpoints}. */
export interface TableCheckpointsOptions {
  /** A plain client of the account that the checkpoints stand in. */
  readonly client: DynamoDBClient;
  /** A table with the partition key `run` (S) and the sort key `segment` (N). */
  readonly checkpointTable: string;
  /** Names the run: a run with the same name goes on where that one was. */
  readonly run: string;
}

type Attributes = Record<string, AttributeMap[string]>;

/** Of the 400 KB that an item may have. What fails beyond it is counted, and not named. */
const maximumFailureBytes = 200 * 1024;

/**
 * Checkpoints of a table job in a DynamoDB table, for functions that share nothing else: one item per segment.
 *
 * They hold the keys of a few items of the job's table in plain (where a segment is, and what failed, up to 200 KB per
 * segment), so that the checkpoint table wants the access of that table.
 *
 * ```
 * run (S) · segment (N) · done (BOOL) · cursor (M, absent: none) · counts (M of N) · findings (S, JSON) · failures (L of M)
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT; when used, the service's errors
 * @experimental
 */
export function tableCheckpoints({ client, checkpointTable: TableName, run }: TableCheckpointsOptions): JobCheckpoints {
  if (typeof run !== "string" || run === "" || run.length > 1000) throw invalidArgument("run", "a text of 1 to 1000 characters");
  const rows = async (segment?: number): Promise<readonly AttributeMap[]> => {
    const ExpressionAttributeNames = { "#run": "run", ...(segment !== undefined && { "#segment": "segment" }) };
    const ExpressionAttributeValues = { ":run": { S: run }, ...(segment !== undefined && { ":segment": { N: String(segment) } }) };
    const KeyConditionExpression = segment === undefined ? "#run = :run" : "#run = :run AND #segment = :segment";
    const input = { TableName, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues, ConsistentRead: true };
    const found: AttributeMap[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, input)) found.push(...Items);
    return found;
  };
  return Object.freeze<JobCheckpoints>({
    load: async (segment) => (await rows(segment)).map(restored),
    async save(state) {
      await client.send(new PutItemCommand({ TableName, Item: { run: { S: run }, ...stored(state) } }));
    },
    async clear() {
      for (const { segment = { N: "0" } } of await rows()) {
        await client.send(new DeleteItemCommand({ TableName, Key: { run: { S: run }, segment } }));
      }
    },
  });
}

function stored({ segment, done, cursor, counts, findings, failures }: SegmentState): Attributes {
  return {
    segment: { N: String(segment) },
    done: { BOOL: done },
    ...(cursor !== undefined && { cursor: { M: { ...cursor } as Attributes } }),
    counts: { M: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { N: String(count) }])) },
    findings: { S: JSON.stringify(findings) },
    failures: { L: fitting(failures.map(({ code, revealKey }) => ({ code: { S: code }, key: { M: revealKey() as Attributes } }))) },
  };
}

function fitting(failures: readonly Attributes[]): { M: Attributes }[] {
  let bytes = 0;
  return failures.flatMap((M) => {
    bytes += itemSize(M);
    return bytes > maximumFailureBytes ? [] : [{ M }];
  });
}

function restored({ segment, done, cursor, counts, findings, failures }: AttributeMap): SegmentState {
  return {
    segment: Number(segment?.N),
    done: done?.BOOL === true,
    cursor: cursor?.M === undefined ? undefined : attributeMap(Object.entries(cursor.M)),
    counts: countsOf(counts?.M ?? {}),
    findings: sumFindings([{ ...sumFindings([]), ...JSON.parse(findings?.S ?? "{}") }]),
    failures: (failures?.L ?? []).map(({ M }) => jobFailure(M?.["code"]?.S ?? "", M?.["key"]?.M ?? {})),
  };
}

function countsOf(stored: AttributeMap): JobCounts {
  const counts: Tally = { ...noCounts };
  for (const name of countNames) counts[name] = Number(stored[name]?.N ?? 0);
  return counts;
}
