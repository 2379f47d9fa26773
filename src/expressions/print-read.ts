import { limits } from "./limits.ts";
import { operatorCount } from "./operator-count.ts";
import { PlaceholderWriter, type PrintedPlaceholders, printCondition } from "./print.ts";
import type { Condition } from "./tree.ts";

/** The conditions of a Query or Scan; `undefined`: it has none of that sort. */
export interface ReadConditions {
  readonly keyCondition: Condition | undefined;
  readonly filter: Condition | undefined;
}

/** The members of a Query or Scan that hold its conditions. Each is there, so that it takes the place of the application's. */
export interface PrintedRead extends Required<PlaceholdersOrNone> {
  readonly KeyConditionExpression: string | undefined;
  readonly FilterExpression: string | undefined;
}

type PlaceholdersOrNone = { readonly [Member in keyof PrintedPlaceholders]?: PrintedPlaceholders[Member] | undefined };

/** Prints the key condition first: its placeholders are the same whatever the filter is. */
export function printRead({ keyCondition, filter }: ReadConditions): PrintedRead {
  const writer = new PlaceholderWriter();
  return {
    KeyConditionExpression: keyCondition && printCondition(keyCondition, writer),
    FilterExpression: filter && printCondition(filter, writer),
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: undefined,
    ...writer.placeholders(),
  };
}

/** Whether the service takes a condition that was printed here, hence in ASCII: it bounds its length and its operators. */
export function isWithinLimits(condition: Condition, printed: string): boolean {
  return printed.length <= limits.expressionBytes && operatorCount(condition) <= limits.operators;
}
