import { type Condition, PlaceholderWriter, printCondition } from "../expressions/index.ts";
import type { PageInput } from "./page-request.ts";

/** A request without a projection under other conditions than its own; they are printed anew, with placeholders of theirs. */
export function withConditions<Input extends PageInput>(
  input: Input,
  { keyCondition, filter }: { readonly keyCondition: Condition | undefined; readonly filter: Condition | undefined },
): Input {
  const writer = new PlaceholderWriter();
  return {
    ...input,
    KeyConditionExpression: keyCondition && printCondition(keyCondition, writer),
    FilterExpression: filter && printCondition(filter, writer),
    ExpressionAttributeNames: undefined,
    ExpressionAttributeValues: undefined,
    ...writer.placeholders(),
  };
}
