import { decideDocuments } from "./document-conditions.ts";
import type { PreparedInput, TableDescription } from "./dynalite-types.ts";
import { returnsItemOnFailure } from "./item-writes.ts";
import type { LocalRegion } from "./local-region.ts";
import { capacityUnits, checkCondition, checkKey, idOf, itemSize, keyOf } from "./region-store.ts";
import { validationException } from "./service-exception.ts";
import { type CancellationReason, noReason, reasonOf, throwIfCancelled, transactCapacity } from "./transact-answer.ts";
import { transactEntries } from "./transact-request.ts";
import type { WireBody, WireItem } from "./wire.ts";

const maximumBytes = 4 * 1024 * 1024;
const kinds = ["ConditionCheck", "Put", "Update", "Delete"] as const;

/** A check has the input of a delete that deletes nothing. */
const operations = { ConditionCheck: "DeleteItem", Put: "PutItem", Update: "UpdateItem", Delete: "DeleteItem" } as const;

interface Action {
  readonly kind: (typeof kinds)[number];
  readonly input: PreparedInput;
  readonly returnsItem: boolean;
  readonly description: TableDescription;
  /** undefined where the key does not fit the table; executing the action says how. */
  readonly id: string | undefined;
  readonly before: WireItem | undefined;
}

/**
 * Up to 100 writes, all or none. Nobody else reads or writes in the Region meanwhile, so the actions are simply carried
 * out one after the other (they touch different items), and undone if one of them fails.
 */
export function transactWriteItems(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const entries = transactEntries(body, kinds).map(({ kind, body: action }) => {
    const input = { ...action, ReturnConsumedCapacity: body.ReturnConsumedCapacity };
    return { kind, returnsItem: returnsItemOnFailure(action), input: region.store.prepare(operations[kind], input) };
  });
  const token = typeof body.ClientRequestToken === "string" ? body.ClientRequestToken : undefined;

  return region.lock.exclusive(async () => {
    const actions: Action[] = [];
    for (const entry of entries) actions.push(await locate(region, entry));
    // The second time nothing is written, and it costs what reading the items costs.
    if (token !== undefined && region.tokens.isSpent(token, body))
      return transactCapacity(body, "ReadCapacityUnits", actions.map(readCost));
    refuseSameItemTwice(actions);

    const answers = await executeAll(region, actions);
    for (const { kind, input } of actions) {
      if (kind !== "ConditionCheck") await region.commit(input.TableName, input.Item ?? input.Key ?? {});
    }
    if (token !== undefined) region.tokens.spend(token, body);
    return transactCapacity(body, "WriteCapacityUnits", answers);
  });
}

async function locate(region: LocalRegion, entry: Pick<Action, "kind" | "input" | "returnsItem">): Promise<Action> {
  const { TableName, Item, Key } = entry.input;
  const description = await region.store.table(TableName);
  const id = idOf(description, Item ?? Key ?? {});
  return { ...entry, description, id, before: id === undefined ? undefined : await region.store.read(TableName, id) };
}

function refuseSameItemTwice(actions: readonly Action[]): void {
  const items = actions.flatMap(({ input, id }) => (id === undefined ? [] : [`${input.TableName} ${id}`]));
  if (new Set(items).size < items.length) throw validationException("Transaction request cannot include multiple operations on one item");
}

async function executeAll(region: LocalRegion, actions: readonly Action[]): Promise<WireBody[]> {
  const executed: Action[] = [];
  try {
    const answers: WireBody[] = [];
    const reasons: CancellationReason[] = [];
    for (const action of actions) {
      try {
        answers.push(await execute(region, action));
        executed.push(action);
        reasons.push(noReason);
      } catch (exception) {
        reasons.push(reasonOf(exception, action.returnsItem ? action.before : undefined));
      }
    }
    throwIfCancelled(reasons);
    await refuseTooLarge(region, actions);
    return answers;
  } catch (exception) {
    for (const action of executed) await undo(region, action);
    throw exception;
  }
}

async function execute(region: LocalRegion, { kind, input, description, before }: Action): Promise<WireBody> {
  if (kind !== "ConditionCheck") return region.store.execute(operations[kind], decideDocuments(input, before));
  checkKey(description, input.Key ?? {});
  checkCondition(input, before);
  return { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: capacityUnits(before, "write") } };
}

function readCost({ input, before }: Action): WireBody {
  return { ConsumedCapacity: { TableName: input.TableName, CapacityUnits: capacityUnits(before, "read") } };
}

async function undo(region: LocalRegion, { kind, input, description, before }: Action): Promise<void> {
  if (kind === "ConditionCheck") return;
  await region.store.write(input.TableName, keyOf(description, input.Item ?? input.Key ?? {}), before);
}

/** 4 MB bound the sum of all items of a transaction, as they are after it. */
async function refuseTooLarge(region: LocalRegion, actions: readonly Action[]): Promise<void> {
  let bytes = 0;
  for (const { input, id } of actions) {
    const item = id === undefined ? undefined : await region.store.read(input.TableName, id);
    bytes += item === undefined ? 0 : itemSize(item);
  }
  if (bytes > maximumBytes) throw validationException("The aggregate size of the items in the transaction exceeds 4 MB");
}
