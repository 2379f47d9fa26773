import type { LocalRegion } from "./local-region.ts";
import { idOf } from "./region-store.ts";
import { validationException } from "./service-exception.ts";
import { type CancellationReason, noReason, reasonOf, throwIfCancelled, transactCapacity } from "./transact-answer.ts";
import { transactEntries } from "./transact-request.ts";
import type { WireBody } from "./wire.ts";

/** Up to 100 reads of one moment: writes wait until all are done. */
export function transactGetItems(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const inputs = transactEntries(body, ["Get"]).map((entry) =>
    region.store.prepare("GetItem", { ...entry.body, ConsistentRead: true, ReturnConsumedCapacity: body.ReturnConsumedCapacity }),
  );
  return region.lock.shared(async () => {
    const seen = new Set<string>();
    const answers: WireBody[] = [];
    const reasons: CancellationReason[] = [];
    for (const input of inputs) {
      const id = idOf(await region.store.table(input.TableName), input.Key ?? {});
      if (id !== undefined && seen.has(`${input.TableName} ${id}`)) {
        throw validationException("Transaction request cannot include multiple operations on one item");
      }
      seen.add(`${input.TableName} ${id}`);
      try {
        answers.push(await region.store.execute("GetItem", input));
        reasons.push(noReason);
      } catch (exception) {
        reasons.push(reasonOf(exception, undefined));
      }
    }
    throwIfCancelled(reasons);
    return {
      Responses: answers.map(({ Item }) => (Item === undefined ? {} : { Item })),
      ...transactCapacity(body, "ReadCapacityUnits", answers),
    };
  });
}
