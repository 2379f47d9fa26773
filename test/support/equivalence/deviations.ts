import { applyProjection, parseExpressions, type Update, writtenAttributes, writtenPaths } from "../../../src/expressions/index.ts";
import type { Compared } from "./compare.ts";
import { type Answer, type Outcome, outcomeOf, outcomeOfAnswer } from "./outcome.ts";
import { actionIn } from "./random-tables.ts";
import type { RequestInput } from "./requests.ts";
import type { Result } from "./sides.ts";
import { attributesOfGroupIndex } from "./tables.ts";

/** What an encrypted table may come to instead of what the plain one came to; `undefined` where a deviation is not concerned. */
type Deviation = (plain: Result, compared: Compared) => readonly Outcome[] | undefined;

/**
 * DynamoDB Local answers UPDATED_OLD and UPDATED_NEW with whole top-level attributes, where the API Reference says "only
 * the updated attributes" and the service cuts to the paths, as dynaseal does. An update of unsigned attributes alone is
 * answered by the service itself, hence as DynamoDB Local does it.
 */
function updatedPaths(plain: Result, { model, operation, requests }: Compared): readonly Outcome[] | undefined {
  if (operation.kind !== "UpdateItem" || !("answer" in plain) || plain.answer.Attributes === undefined) return undefined;
  if (operation.returnValues !== "UPDATED_OLD" && operation.returnValues !== "UPDATED_NEW") return undefined;
  const update = updateIn(requests.inputs[0] ?? {});
  if (update === undefined) return undefined;
  const cut = outcomeOfAnswer({ ...plain.answer, Attributes: cutToPaths(update, plain.answer.Attributes) });
  const isNative = [...writtenAttributes(update)].every((name) => actionIn(model, name) === "DO_NOTHING");
  return isNative ? [cut, outcomeOf(plain)] : [cut];
}

function updateIn(input: RequestInput): Update | undefined {
  const { UpdateExpression, ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } = input;
  return parseExpressions({ UpdateExpression, ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } as object).update;
}

function cutToPaths(update: Update, attributes: NonNullable<Answer["Attributes"]>): NonNullable<Answer["Attributes"]> {
  return { ...applyProjection(writtenPaths(update), attributes) };
}

/**
 * An update of a key is refused in a transaction as in UpdateItem. DynamoDB Local cancels the transaction for it, which
 * it does for no other mistake in an update.
 */
function keyInTransaction(plain: Result, { requests }: Compared): readonly Outcome[] | undefined {
  const outcome = outcomeOf(plain);
  if (outcome.kind !== "error" || !outcome.reasons?.some(({ code }) => code === "ValidationError")) return undefined;
  const { TransactItems = [] } = (requests.inputs[0] ?? {}) as { TransactItems?: readonly { readonly Update?: RequestInput }[] };
  const writesKey = TransactItems.some(({ Update }) => Update !== undefined && /\bpk = /.test(String(Update["UpdateExpression"])));
  return writesKey ? [outcome, { ...outcome, name: "ValidationException", reasons: undefined }] : undefined;
}

/**
 * A guarded transaction reads first. To a key that is none of the table's DynamoDB Local answers TransactGetItems with a
 * cancelled transaction that has no reasons, where it answers every other operation, and the service this one too, with
 * a ValidationException.
 */
function noKeyInTransaction(plain: Result, { operation }: Compared): readonly Outcome[] | undefined {
  if (operation.kind !== "TransactWriteItems" || !operation.actions.some(({ key }) => key.fault !== undefined)) return undefined;
  const outcome = outcomeOf(plain);
  if (outcome.kind !== "error") return undefined;
  const reasons = operation.actions.map(() => ({ code: "None", item: undefined }));
  return [outcome, { ...outcome, name: "TransactionCanceledException", reasons }];
}

/** The same of TransactGetItems: it is refused here before anything is sent, as the service refuses it. */
function noKeyInTransactGet(plain: Result, { operation }: Compared): readonly Outcome[] | undefined {
  if (operation.kind !== "TransactGetItems" || !operation.gets.some(({ key }) => key.fault !== undefined)) return undefined;
  const outcome = outcomeOf(plain);
  if (outcome.kind !== "error") return undefined;
  return [outcome, { ...outcome, name: "ValidationException", reasons: undefined }];
}

/** Two actions on one item are refused by the service; DynamoDB Local looks at their conditions first. */
function itemTwiceInTransaction(plain: Result, { operation }: Compared): readonly Outcome[] | undefined {
  if (operation.kind !== "TransactWriteItems") return undefined;
  const indexes = operation.actions.map(({ key }) => key.index);
  const outcome = outcomeOf(plain);
  if (outcome.kind !== "error" || new Set(indexes).size === indexes.length) return undefined;
  return [outcome, { ...outcome, name: "ValidationException", reasons: undefined }];
}

/** What util-dynamodb refuses to marshall has no name there; an encrypted client gives it the one that the service has for it. */
function unmarshallable(plain: Result): readonly Outcome[] | undefined {
  const outcome = outcomeOf(plain);
  if (outcome.kind !== "error" || outcome.name !== "Error" || !outcome.message.includes("convertEmptyValues")) return undefined;
  return [{ ...outcome, name: "ValidationException" }];
}

/**
 * The plain table's index holds whole items, so that filters and projections have the same to look at on both sides. An
 * encrypted table fetches them, and returns no more than its own index holds where the request asks for nothing else.
 */
function partOfIndex(plain: Result, { model, operation }: Compared): readonly Outcome[] | undefined {
  if ((operation.kind !== "Query" && operation.kind !== "Scan") || operation.index !== "byGroup") return undefined;
  if (!("answer" in plain) || operation.projection !== undefined || operation.select === "ALL_ATTRIBUTES") return undefined;
  const held = attributesOfGroupIndex(model.partProjection);
  const cut = (item: NonNullable<Answer["Item"]>) => Object.fromEntries(Object.entries(item).filter(([name]) => held.has(name)));
  return [outcomeOfAnswer({ ...plain.answer, Items: plain.answer.Items?.map(cut) })];
}

const deviations: readonly Deviation[] = [
  updatedPaths,
  keyInTransaction,
  noKeyInTransaction,
  noKeyInTransactGet,
  itemTwiceInTransaction,
  unmarshallable,
  partOfIndex,
];

/** What is as good as the plain table's own answer. */
export function acceptable(plain: Result, compared: Compared): readonly Outcome[] {
  for (const deviation of deviations) {
    const outcomes = deviation(plain, compared);
    if (outcomes !== undefined) return outcomes;
  }
  return [outcomeOf(plain)];
}
