import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonical } from "../canonical-value.ts";

type Item = Record<string, AttributeValue>;

/** What one request came to, in a form in which equal answers are deeply equal. */
export type Outcome =
  | { readonly kind: "answer"; readonly parts: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "error";
      readonly name: string;
      readonly item: string | undefined;
      readonly reasons: readonly { readonly code: string | undefined; readonly item: string | undefined }[] | undefined;
      /** For the reader of a failure; not compared. */
      readonly message: string;
    };

/** Members of an answer, AttributeValues throughout. */
export interface Answer {
  readonly Item?: Item | undefined;
  readonly Attributes?: Item | undefined;
  readonly Items?: readonly Item[] | undefined;
  readonly Count?: number | undefined;
  readonly ScannedCount?: number | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
  readonly Responses?: Readonly<Record<string, readonly Item[]>> | readonly { readonly Item?: Item | undefined }[] | undefined;
  readonly UnprocessedItems?: Readonly<Record<string, unknown>> | undefined;
  readonly UnprocessedKeys?: Readonly<Record<string, unknown>> | undefined;
}

/** `undefined` and an empty map are the same: DynamoDB Local gives either where there is nothing. */
export function itemText(item: Item | undefined): string | undefined {
  return item === undefined || Object.keys(item).length === 0 ? undefined : wholeText(item);
}

export function outcomeOf(result: { readonly answer: Answer } | { readonly error: Error }): Outcome {
  return "answer" in result ? outcomeOfAnswer(result.answer) : outcomeOfError(result.error);
}

/** Metadata and capacity are left out: they tell of the storage. */
export function outcomeOfAnswer(answer: Answer): Outcome {
  const parts = {
    item: answer.Item && wholeText(answer.Item),
    attributes: itemText(answer.Attributes),
    items: answer.Items?.map(wholeText),
    count: answer.Count,
    scannedCount: answer.ScannedCount,
    next: itemText(answer.LastEvaluatedKey),
    responses: responseTexts(answer.Responses),
    unprocessed: Object.keys({ ...answer.UnprocessedItems, ...answer.UnprocessedKeys }).length || undefined,
  };
  return { kind: "answer", parts: Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) };
}

/** An item of no attributes is one nevertheless. */
function wholeText(item: Item): string {
  return canonical({ M: item });
}

/** Those of a transaction in their order; the service gives the items of a batch in no order. */
function responseTexts(responses: Answer["Responses"]): readonly (string | undefined)[] | undefined {
  if (responses === undefined) return undefined;
  if (isList(responses)) return responses.map(({ Item }) => Item && wholeText(Item));
  return Object.values(responses).flat().map(wholeText).toSorted();
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}

interface ServiceError extends Error {
  readonly Item?: Item;
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Item?: Item }[];
}

export function outcomeOfError(error: Error): Outcome {
  const { name, message, Item, CancellationReasons } = error as ServiceError;
  const reasons = CancellationReasons?.map(({ Code, Item: item }) => ({ code: Code, item: itemText(item) }));
  return { kind: "error", name, item: itemText(Item), reasons, message };
}
