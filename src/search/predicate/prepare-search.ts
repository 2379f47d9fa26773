import type { AttributeMap } from "../../attributes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import {
  and,
  attributeNotExists,
  type Condition,
  evaluateCondition,
  type Leaf,
  leafPaths,
  not,
  or,
  type ParsedExpressions,
  path,
  pushNegations,
  type ReadConditions,
  type SignedLeaf,
  signedLeaves,
  weaken,
} from "../../expressions/index.ts";
import type { StandardBeaconPlan, TablePlan } from "../../schema/index.ts";
import { headerName } from "../../structure/index.ts";
import { type HmacKeys, partitionsToSearch, queriesFor, searchOf, storesBeaconKey } from "../beacons/index.ts";
import type { Answer, HashContext } from "./answer.ts";
import { answerLeaf, type LeafContext, operatorOf } from "./answer-leaf.ts";
import { demandedBranchKeys, requiredLeaves } from "./branch-key.ts";
import { plainMeaning, withComputedAttributes } from "./residual.ts";

/** A Query or Scan on a protected table. */
export interface SearchRequest {
  readonly plan: TablePlan;
  /** Its expressions; `:aws_dbe_partition` was taken out before (`takePartition`). */
  readonly parsed: ParsedExpressions;
  /** Whether the service may be asked for more than the condition says, and the condition decided after decryption. */
  readonly filterAfterDecrypt: boolean;
  /** The attribute that names the beacon key, where there are several tenants (`BeaconKeySource.fromAttribute`). */
  readonly beaconKeyAttribute: string | undefined;
  /** Whether items that are not encrypted have to be found, too: they have no beacons. Absent: no. */
  readonly findsPlain?: boolean | undefined;
}

/** A request that was checked, and waits for its beacon key. */
export interface PreparedSearch {
  /** False: nothing in the request is encrypted; it can be sent as it is, and the service's answer is final. */
  readonly rewrites: boolean;
  /** Whether `rewrite` has to be given keys. */
  readonly needsBeaconKey: boolean;
  /** Under which branch key the beacon key is found; `undefined` where there is one for all, or none is needed. */
  readonly branchKeyId: string | undefined;
  /** How many queries together find every item: one for each partition 0, 1, … */
  readonly queries: number;
  /**
   * The conditions for the service. No value that is compared with an encrypted attribute is in them, and no row that
   * fulfils the condition fails them.
   *
   * @param partition which of the `queries`
   * @throws ERR_BEACON_KEYS_NOT_CONFIGURED, ERR_BEACON_PARTITION_INVALID
   */
  rewrite(keys: HmacKeys | undefined, partition?: number): ReadConditions;
  /**
   * Whether a decrypted item fulfils the condition.
   *
   * @param branchKeyId the branch key in the item's header, where several tenants' attribute is not stored
   */
  matches(item: AttributeMap, branchKeyId?: string): boolean;
}

type Parameter = "KeyConditionExpression" | "FilterExpression";

/**
 * Prepares a Query or Scan: decides for every part of its conditions whether the service can answer it. The caller then
 * fetches the beacon key, sends what `rewrite` gives, decrypts, and keeps what `matches`.
 *
 * Negations are pushed to the leaves. A leaf of the filter that the service cannot answer becomes true; a key condition is
 * never widened. Where plain items have to be found, a leaf that a beacon answers is true of whatever has no header, and
 * decided after reading; a key condition cannot be, and is refused.
 *
 * @throws ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE, ERR_BEACON_CANNOT_ANSWER, ERR_BEACON_QUERY_VALUE_INVALID,
 *   ERR_BEACON_KEY_UNKNOWN, ERR_BEACON_KEY_AMBIGUOUS, ERR_ATTRIBUTE_NOT_CONFIGURED,
 *   ERR_PLAINTEXT_ITEMS_MISSED
 * @see specification/dynamodb-encryption-client/ddb-support.md "QueryInputForBeacons", "ScanInputForBeacons"
 * @see specification/dynamodb-encryption-client/ddb-support.md "QueryObject has encrypted values", "Filter Expressions for Query"
 * @see specification/dynamodb-encryption-client/ddb-support.md "QueryOutputForBeacons"
 */
export function prepareSearch(request: SearchRequest): PreparedSearch {
  const { plan, beaconKeyAttribute } = request;
  const { keyCondition, filter } = request.parsed;
  const context = { plan, beaconKeyAttribute };
  const keyAnswers = answersOf({ ...context, tableName: plan.tableName, parameter: "KeyConditionExpression" }, keyCondition);
  const filterAnswers = answersOf({ ...context, tableName: plan.tableName, parameter: "FilterExpression" }, filter);
  requireAnswers(request, keyAnswers, keyCondition, "KeyConditionExpression");
  requireAnswers(request, filterAnswers, filter, "FilterExpression");
  if (request.findsPlain === true) refuseBeacons(plan.tableName, keyAnswers);
  const answers = [...keyAnswers.values(), ...filterAnswers.values()];
  const rewrites = answers.some(({ kind }) => kind !== "asIs");
  const needsBeaconKey = answers.some((answer) => hashedBy(answer).length > 0);
  const branchKeyId = needsBeaconKey && beaconKeyAttribute !== undefined ? requiredBranchKey(request, beaconKeyAttribute) : undefined;
  const { partitions } = searchOf(plan);
  const queries = queriesFor([...keyAnswers.values()].flatMap(hashedBy), partitions);
  const meaning = rewrites ? meaningOf(context, [keyCondition, filter]) : undefined;
  return Object.freeze<PreparedSearch>({
    rewrites,
    needsBeaconKey,
    branchKeyId,
    queries,
    rewrite(keys, partition = 0) {
      const searched = partitionsToSearch({ tableName: plan.tableName, partition, queries, partitions });
      const under = (numbers: readonly number[]): HashContext => ({ keys: keys ?? missingKeys(plan.tableName), partitions: numbers });
      return {
        // In a key condition every partition of the query has the same hashes.
        keyCondition: keyCondition && rewriteCondition(keyCondition, keyAnswers, under([partition])),
        filter: filter && rewriteCondition(filter, request.findsPlain === true ? orPlain(filterAnswers) : filterAnswers, under(searched)),
      };
    },
    matches(item, itemBranchKeyId) {
      if (meaning === undefined) return true;
      const completed = withComputedAttributes(plan, item, meaning);
      const isStored = beaconKeyAttribute === undefined || storesBeaconKey(plan, beaconKeyAttribute);
      if (isStored || itemBranchKeyId === undefined) return evaluateCondition(meaning, completed);
      return evaluateCondition(meaning, { ...completed, [beaconKeyAttribute]: { S: itemBranchKeyId } });
    },
  });
}

type Answers = ReadonlyMap<Leaf, Answer>;

function answersOf(context: LeafContext, condition: Condition | undefined): Answers {
  const leaves = condition === undefined ? [] : signedLeaves(condition);
  return new Map(leaves.map((signed) => [signed.leaf, answerLeaf(context, signed)]));
}

function hashedBy(answer: Answer): readonly StandardBeaconPlan[] {
  return answer.kind === "beacon" ? answer.hashed : [];
}

function requireAnswers(request: SearchRequest, answers: Answers, condition: Condition | undefined, parameter: Parameter): void {
  const { tableName } = request.plan;
  const required = new Set(condition === undefined ? [] : requiredLeaves(pushNegations(condition)));
  for (const [leaf, answer] of answers) {
    if (answer.kind === "asIs" || answer.kind === "beacon") continue;
    // Naming the beacon key asks the service for nothing, but in an alternative it makes the whole alternative true.
    if (answer.kind === "beaconKey" && parameter === "FilterExpression" && required.has(leaf)) continue;
    if (request.filterAfterDecrypt && parameter === "FilterExpression") continue;
    const [attribute, reason] =
      answer.kind === "none" ? [answer.attribute, answer.reason] : [request.beaconKeyAttribute ?? "", "it is not stored"];
    if (reason === undefined)
      throw new DynasealError("ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE", { details: { tableName, attribute, parameter } });
    const details = { tableName, attribute, operator: operatorOf(leaf), parameter, reason };
    throw new DynasealError("ERR_BEACON_CANNOT_ANSWER", { details });
  }
}

/** @throws ERR_PLAINTEXT_ITEMS_MISSED */
function refuseBeacons(tableName: string, answers: Answers): void {
  for (const [leaf, answer] of answers) {
    if (answer.kind !== "beacon") continue;
    const attribute = leafPaths(leaf)[0]?.elements[0] ?? "";
    throw new DynasealError("ERR_PLAINTEXT_ITEMS_MISSED", { details: { tableName, attribute } });
  }
}

/** What beacons answer, with every item that has no header. */
function orPlain(answers: Answers): Answers {
  const isPlain = attributeNotExists(path(headerName));
  const widened = [...answers].map(([leaf, answer]): [Leaf, Answer] => {
    if (answer.kind !== "beacon") return [leaf, answer];
    return [leaf, { ...answer, condition: (context) => or(answer.condition(context), isPlain) }];
  });
  return new Map(widened);
}

function requiredBranchKey({ plan, parsed }: SearchRequest, attribute: string): string {
  const { tableName } = plan;
  const ids = demandedBranchKeys({ plan, beaconKeyAttribute: attribute }, [parsed.keyCondition, parsed.filter]);
  const [id, ...more] = ids;
  if (id === undefined) throw new DynasealError("ERR_BEACON_KEY_UNKNOWN", { details: { tableName, attribute } });
  if (more.length > 0) throw new DynasealError("ERR_BEACON_KEY_AMBIGUOUS", { details: { tableName, attribute, found: ids.size } });
  return id;
}

function rewriteCondition(condition: Condition, answers: Answers, context: HashContext): Condition | undefined {
  return weaken(condition, ({ leaf, negated }: SignedLeaf) => {
    const answer = answers.get(leaf);
    if (answer?.kind === "asIs") return negated ? pushNegations(not(leaf)) : leaf;
    return answer?.kind === "beacon" ? answer.condition(context) : undefined;
  });
}

function missingKeys(tableName: string): HmacKeys {
  return {
    hmacKey() {
      throw new DynasealError("ERR_BEACON_KEYS_NOT_CONFIGURED", { details: { tableName, reason: "this request needs a beacon key" } });
    },
  };
}

function meaningOf(
  context: { plan: TablePlan; beaconKeyAttribute: string | undefined },
  conditions: readonly (Condition | undefined)[],
): Condition | undefined {
  const [first, ...rest] = conditions.filter((condition) => condition !== undefined).map((condition) => plainMeaning(context, condition));
  return first === undefined ? undefined : and(first, ...rest);
}
