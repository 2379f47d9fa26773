import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import type { OperationCall } from "./operation-call.ts";
import type { AskedItem } from "./primary-key.ts";
import { fromStored, type SdkItem } from "./stored-items.ts";

/** What the SDK throws where a condition does not hold; `Item` where the request asked for it and there is one. */
export type ConditionFailure = Error & { Item?: SdkItem | undefined };

/** What the SDK throws for a transaction; `Item` as above, in the order of the request's actions. */
export type TransactionFailure = Error & { CancellationReasons?: { Code?: string; Item?: SdkItem }[] };

/** By name, since the application's copy of the SDK need not be ours. */
export function isConditionFailure(error: unknown): error is ConditionFailure {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

export function isTransactionFailure(error: unknown): error is TransactionFailure {
  return error instanceof Error && error.name === "TransactionCanceledException";
}

/**
 * What the service answers where a condition does not hold, for one that was decided here.
 *
 * @param item in plain
 */
export function conditionFailure(
  { ReturnValuesOnConditionCheckFailure }: { readonly ReturnValuesOnConditionCheckFailure?: string | undefined },
  item: AttributeMap | undefined,
): ConditionFailure {
  const failure = new ConditionalCheckFailedException({
    message: "The conditional request failed",
    $metadata: { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 },
  });
  if (ReturnValuesOnConditionCheckFailure === "ALL_OLD" && item !== undefined) failure.Item = { ...item };
  return failure;
}

/**
 * Runs a request with a condition; the item that the service hands out with a failed one arrives decrypted. It stays a
 * map of AttributeValues under the document client too, as the SDK does it.
 */
export async function withReadableFailure<Output>(asked: AskedItem, call: OperationCall, send: () => Promise<Output>): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    if (isConditionFailure(error) && hasItem(error)) error.Item = await fromStored(asked, error.Item, call);
    throw error;
  }
}

/** As {@link withReadableFailure}, for a transaction; the items in the order of its actions. */
export async function withReadableReasons<Output>(
  asked: readonly (AskedItem | undefined)[],
  call: OperationCall,
  send: () => Promise<Output>,
): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    if (isTransactionFailure(error)) {
      await Promise.all(
        (error.CancellationReasons ?? []).map(async (reason, index) => {
          const one = asked[index];
          if (one !== undefined && hasItem(reason)) reason.Item = await fromStored(one, reason.Item, call);
        }),
      );
    }
    throw error;
  }
}

/** DynamoDB leaves `Item` out, DynamoDB Local gives an empty one where there is none. */
export function hasItem<Holder extends { Item?: AttributeMap | undefined }>(holder: Holder): holder is Holder & { Item: AttributeMap } {
  return holder.Item !== undefined && Object.keys(holder.Item).length > 0;
}
