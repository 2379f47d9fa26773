import { isDeepStrictEqual } from "node:util";
import { applyProjection, parseExpressions, type Update, writtenAttributes, writtenPaths } from "../../../src/expressions/index.ts";
import { type Answer, type Outcome, outcomeOfAnswer, outcomeOfError } from "./outcome.ts";
import type { Operation } from "./random-operations.ts";
import { actionIn, type TableModel } from "./random-tables.ts";
import type { OperationRequests, RequestInput } from "./requests.ts";
import type { Result } from "./sides.ts";

/** One request to which the two tables gave different answers. */
export interface Difference {
  readonly reference: Outcome | undefined;
  readonly subject: Outcome | undefined;
}

export interface Compared {
  readonly model: TableModel;
  readonly operation: Operation;
  readonly requests: OperationRequests;
  readonly reference: readonly Result[];
  readonly subject: readonly Result[];
  readonly encrypted: boolean;
}

/** The first request on which the two differ. */
export function differenceOf(compared: Compared): Difference | undefined {
  const { reference, subject } = compared;
  for (let index = 0; index < Math.max(reference.length, subject.length); index++) {
    const [plain, other] = [reference[index], subject[index]];
    const found = other && outcomeOf(other);
    const wanted = plain === undefined ? [undefined] : acceptable(plain, compared);
    if (!wanted.some((one) => agree(one, found))) return { reference: wanted[0], subject: found };
  }
  return undefined;
}

function agree(reference: Outcome | undefined, subject: Outcome | undefined): boolean {
  return isDeepStrictEqual(compared(reference), compared(subject));
}

/** Errors are compared by what an application tells them by, not by their wording. */
function compared(outcome: Outcome | undefined): unknown {
  return outcome?.kind === "error" ? { ...outcome, message: undefined } : outcome;
}

function outcomeOf(result: Result): Outcome {
  return "answer" in result ? outcomeOfAnswer(result.answer) : outcomeOfError(result.error);
}

/**
 * What the subject may come to where the plain table came to `result`. The only deviation: DynamoDB Local answers
 * UPDATED_OLD and UPDATED_NEW with whole top-level attributes, where the API Reference says "only the updated
 * attributes" and the service cuts to the paths, as dynaseal does. An update of unsigned attributes alone is answered by
 * the service itself, hence as DynamoDB Local does it.
 */
function acceptable(result: Result, { model, operation, requests, encrypted }: Compared): readonly Outcome[] {
  const plain = outcomeOf(result);
  if (!encrypted || !("answer" in result) || operation.kind !== "UpdateItem" || result.answer.Attributes === undefined) return [plain];
  if (operation.returnValues !== "UPDATED_OLD" && operation.returnValues !== "UPDATED_NEW") return [plain];
  const update = updateIn(requests.inputs[0] ?? {});
  if (update === undefined) return [plain];
  const cut = outcomeOfAnswer({ ...result.answer, Attributes: cutToPaths(update, result.answer.Attributes) });
  const isNative = [...writtenAttributes(update)].every((name) => actionIn(model, name) === "DO_NOTHING");
  return isNative ? [cut, plain] : [cut];
}

function updateIn({
  UpdateExpression,
  ConditionExpression,
  ExpressionAttributeNames,
  ExpressionAttributeValues,
}: RequestInput): Update | undefined {
  return parseExpressions({ UpdateExpression, ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues } as object).update;
}

function cutToPaths(update: Update, attributes: NonNullable<Answer["Attributes"]>): NonNullable<Answer["Attributes"]> {
  return { ...applyProjection(writtenPaths(update), attributes) };
}
