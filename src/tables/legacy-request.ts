import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import {
  type Condition,
  type LegacyCondition,
  type LegacyUpdate,
  legacyCondition,
  legacyUpdate,
  PlaceholderWriter,
  path,
  printCondition,
  printProjection,
  printUpdate,
} from "../expressions/index.ts";

/** Parameters from before expressions. */
interface LegacyMembers {
  readonly AttributesToGet?: readonly string[] | undefined;
  readonly AttributeUpdates?: Readonly<Record<string, LegacyUpdate>> | undefined;
  readonly ConditionalOperator?: string | undefined;
  readonly Expected?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly KeyConditions?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly QueryFilter?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly ScanFilter?: Readonly<Record<string, LegacyCondition>> | undefined;
}

/** What took their place. */
interface ExpressionMembers {
  readonly ProjectionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

const legacyNames = [
  ...(["AttributesToGet", "AttributeUpdates", "ConditionalOperator", "Expected"] as const),
  ...(["KeyConditions", "QueryFilter", "ScanFilter"] as const),
] satisfies readonly (keyof LegacyMembers)[];

const expressionNames = [
  ...(["ProjectionExpression", "UpdateExpression", "ConditionExpression", "KeyConditionExpression", "FilterExpression"] as const),
  ...(["ExpressionAttributeNames", "ExpressionAttributeValues"] as const),
] satisfies readonly (keyof ExpressionMembers)[];

/** A request, or a part of a batch, whose legacy parameters became expressions. */
export interface TranslatedRequest<Input> {
  /** The same request in expressions. */
  readonly input: Input;
  /** A request about to be sent with the application's own parameters, where encryption changed nothing of them. */
  asItCame<Sent>(sent: Sent): Sent;
}

/**
 * Translates the parameters from before expressions into expressions, so that everything goes one way from there.
 *
 * @returns `undefined` where the request has none
 * @throws ERR_EXPRESSION_INVALID as the service refuses them
 * @see Amazon DynamoDB Developer Guide "Legacy conditional parameters"
 */
export function translateLegacy<Input extends object>(given: Input): TranslatedRequest<Input> | undefined {
  const legacy = membersOf(given, legacyNames) as LegacyMembers;
  if (Object.keys(legacy).length === 0) return undefined;
  const mixed = membersOf(given, expressionNames);
  if (Object.keys(mixed).length > 0) {
    const [theirs, ours] = [Object.keys(legacy), Object.keys(mixed)].map((names) => `{${names.join(", ")}}`);
    throw refused(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: ${theirs} Expression parameters: ${ours}`,
    );
  }
  const expressions = expressionsOf(legacy);
  const rest = without(given, legacyNames);
  return {
    input: { ...rest, ...expressions } as Input,
    asItCame: (sent) => {
      const members = sent as ExpressionMembers;
      const isUnchanged = expressionNames.every((name) => members[name] === expressions[name]);
      return isUnchanged ? ({ ...without(members, expressionNames), ...legacy } as typeof sent) : sent;
    },
  };
}

function expressionsOf(legacy: LegacyMembers): ExpressionMembers {
  const { AttributesToGet, AttributeUpdates, Expected, KeyConditions, QueryFilter, ScanFilter } = legacy;
  const operator = operatorOf(legacy);
  const writer = new PlaceholderWriter();
  const printed = (condition: Condition | undefined): string | undefined => condition && printCondition(condition, writer);
  const texts = {
    ProjectionExpression: AttributesToGet && printProjection({ kind: "projection", paths: pathsOf(AttributesToGet) }, writer),
    UpdateExpression: AttributeUpdates && (printUpdate(legacyUpdate(AttributeUpdates), writer) || undefined),
    ConditionExpression: printed(Expected && legacyCondition(Expected, operator)),
    KeyConditionExpression: printed(KeyConditions && keyConditionOf(KeyConditions)),
    FilterExpression: printed(legacyCondition(QueryFilter ?? ScanFilter ?? {}, operator)),
  };
  const present = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
  return { ...present, ...writer.placeholders() };
}

function operatorOf({ ConditionalOperator, Expected, QueryFilter, ScanFilter }: LegacyMembers): "AND" | "OR" {
  if (ConditionalOperator === undefined) return "AND";
  const conditions = Expected ?? QueryFilter ?? ScanFilter;
  if (conditions === undefined) throw refused("ConditionalOperator cannot be used without Filter or Expected");
  if (Object.keys(conditions).length < 2) {
    throw refused("ConditionalOperator can only be used when Filter or Expected has two or more elements");
  }
  if (ConditionalOperator === "AND" || ConditionalOperator === "OR") return ConditionalOperator;
  throw refused("Member must satisfy enum value set: [OR, AND]");
}

/** Names are whole attributes, never paths. */
function pathsOf(names: readonly string[]): ReturnType<typeof path>[] {
  if (names.length === 0) throw refused("AttributesToGet must have length greater than or equal to 1");
  if (new Set(names).size < names.length) throw refused("Cannot have two attributes with the same name");
  return names.map((name) => path(name));
}

function keyConditionOf(conditions: Readonly<Record<string, LegacyCondition>>): Condition | undefined {
  const count = Object.keys(conditions).length;
  if (count < 1 || count > 2) throw refused("Conditions can be of length 1 or 2 only");
  return legacyCondition(conditions);
}

function membersOf(given: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(given).filter(([name, member]) => names.includes(name) && member !== undefined));
}

/** Symbols stay: they carry options. */
function without(given: object, names: readonly string[]): object {
  const rest: Record<string, unknown> = { ...given };
  for (const name of names) delete rest[name];
  return rest;
}

function refused(reason: string): DynasealError {
  return new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
}
