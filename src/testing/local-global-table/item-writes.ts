import { decideDocuments } from "./document-conditions.ts";
import type { PreparedInput } from "./dynalite-types.ts";
import type { LocalRegion } from "./local-region.ts";
import { checkKey, idOf, keyOf } from "./region-store.ts";
import { ServiceException, validationException } from "./service-exception.ts";
import type { WireBody, WireItem } from "./wire.ts";

export type ItemWrite = "PutItem" | "UpdateItem" | "DeleteItem";

/** Put, update or delete of one item: carried out, given a version, replicated. */
export function writeItem(region: LocalRegion, operation: ItemWrite, body: WireBody): Promise<WireBody> {
  const returnsItem = returnsItemOnFailure(body);
  const input = region.store.prepare(operation, body);
  return region.lock.exclusive(async () => {
    try {
      const answer = await region.store.execute(operation, await decidable(region, input));
      await region.commit(input.TableName, input.Key ?? input.Item ?? {});
      return answer;
    } catch (exception) {
      if (!returnsItem || !isConditionFailure(exception)) throw exception;
      const item = await currentItem(region, input.TableName, input.Key ?? input.Item ?? {});
      throw new ServiceException(exception.status, { ...exception.body, ...(item && { Item: item }) });
    }
  });
}

async function decidable(region: LocalRegion, input: PreparedInput): Promise<PreparedInput> {
  if (input["_condition"] === undefined) return input;
  const id = idOf(await region.store.table(input.TableName), input.Key ?? input.Item ?? {});
  // A key that does not fit is refused by the operation itself.
  return id === undefined ? input : decideDocuments(input, await region.store.read(input.TableName, id));
}

/** Up to 25 puts and deletes, each on its own. */
export function batchWriteItem(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const input = region.store.prepare("BatchWriteItem", body);
  return region.lock.exclusive(async () => {
    const answer = await region.store.execute("BatchWriteItem", input);
    for (const [tableName, requests] of Object.entries(input.RequestItems ?? {})) {
      for (const { PutRequest, DeleteRequest } of requests) {
        await region.commit(tableName, PutRequest?.Item ?? DeleteRequest?.Key ?? {});
      }
    }
    return answer;
  });
}

/** Whether a write's input asks for the item that did not meet the condition. dynalite does not know that member. */
export function returnsItemOnFailure(body: WireBody): boolean {
  const choice = body.ReturnValuesOnConditionCheckFailure ?? "NONE";
  if (choice === "ALL_OLD" || choice === "NONE") return choice === "ALL_OLD";
  throw validationException(
    `1 validation error detected: Value '${String(choice)}' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: ` +
      "Member must satisfy enum value set: [ALL_OLD, NONE]",
  );
}

export function isConditionFailure(exception: unknown): exception is ServiceException {
  return exception instanceof ServiceException && exception.type === "ConditionalCheckFailedException";
}

/** The item that is stored under the key of an item or key. */
export async function currentItem(region: LocalRegion, tableName: string, itemOrKey: WireItem): Promise<WireItem | undefined> {
  const description = await region.store.table(tableName);
  const id = idOf(description, itemOrKey);
  if (id === undefined) checkKey(description, keyOf(description, itemOrKey));
  return id === undefined ? undefined : region.store.read(tableName, id);
}
