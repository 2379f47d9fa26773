import type { IndexDescription, TableDescription } from "./dynalite-types.ts";
import type { LocalRegion } from "./local-region.ts";
import { dynamodbException, resourceNotFound, validationException } from "./service-exception.ts";
import { creationOf } from "./table-creation.ts";
import { isRecord, type WireBody } from "./wire.ts";

type AttributeDefinitions = TableDescription["AttributeDefinitions"];

/** A global secondary index that UpdateTable adds or deletes. */
export type IndexChange =
  | { readonly kind: "create"; readonly index: IndexDescription; readonly definitions: AttributeDefinitions }
  | { readonly kind: "delete"; readonly indexName: string };

/**
 * Takes the indexes that come and go out of UpdateTable's input, checked as the service checks them: dynalite would take
 * them and do nothing.
 *
 * @returns what is left for dynalite as `rest`
 */
export function indexChangesOf(region: LocalRegion, body: WireBody): { readonly changes: readonly IndexChange[]; readonly rest: WireBody } {
  const { GlobalSecondaryIndexUpdates: updates, AttributeDefinitions: definitions, ...others } = body;
  const isChange = (update: unknown): boolean => isRecord(update) && (isRecord(update.Create) || isRecord(update.Delete));
  const all: readonly unknown[] = Array.isArray(updates) ? updates : [];
  if (!all.some(isChange)) return { changes: [], rest: body };
  region.store.prepare("UpdateTable", { ...body, GlobalSecondaryIndexUpdates: all.map(withThroughput) });
  if (all.filter(isChange).length > 1) {
    throw dynamodbException(
      "LimitExceededException",
      "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    );
  }
  const changes = all.filter(isChange).map((update): IndexChange => {
    const { Create, Delete } = update as { readonly Create?: IndexDescription; readonly Delete?: { readonly IndexName: string } };
    if (Create === undefined) return { kind: "delete", indexName: String(Delete?.IndexName) };
    return { kind: "create", index: Create, definitions: Array.isArray(definitions) ? (definitions as AttributeDefinitions) : [] };
  });
  const kept = all.filter((update) => !isChange(update));
  return { changes, rest: kept.length === 0 ? others : { ...others, GlobalSecondaryIndexUpdates: kept } };
}

/** dynalite's rules are from before tables on demand. Whether this table needs a throughput, CreateTable's rules say. */
function withThroughput(update: unknown): unknown {
  if (!isRecord(update) || !isRecord(update["Create"])) return update;
  return { ...update, Create: { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 }, ...update["Create"] } };
}

/** Changes the indexes of every replica: checked in all of them first, complete in all of them when it resolves. */
export async function changeIndexes(regions: readonly LocalRegion[], tableName: string, changes: readonly IndexChange[]): Promise<void> {
  for (const change of changes) {
    for (const region of regions) {
      const next = await checkedDescription(region, tableName, change);
      if (change.kind === "create") await region.lock.shared(() => refuseOtherTypes(region, next, change.index));
    }
    for (const region of regions) {
      await region.lock.exclusive(async () => {
        const next = await checkedDescription(region, tableName, change);
        if (change.kind === "create") await refuseOtherTypes(region, next, change.index);
        await region.store.describeAs(next);
        if (change.kind === "create") await fill(region, next, change.index.IndexName);
        else await region.store.emptyIndex(tableName, change.indexName);
      });
    }
  }
}

/** The table's description after the change. */
async function checkedDescription(region: LocalRegion, tableName: string, change: IndexChange): Promise<TableDescription> {
  const table = await region.store.table(tableName);
  const indexes = table.GlobalSecondaryIndexes ?? [];
  if (change.kind === "delete") {
    const left = indexes.filter(({ IndexName }) => IndexName !== change.indexName);
    if (left.length === indexes.length) throw dynamodbException("ResourceNotFoundException", "Requested resource not found");
    return withIndexes(table, left, table.AttributeDefinitions);
  }
  const { index, definitions } = change;
  if (indexes.some(({ IndexName }) => IndexName === index.IndexName)) {
    throw validationException("Attempting to create an index which already exists");
  }
  // The service wants the new index's keys in this very request.
  const defined = new Set(definitions.map(({ AttributeName }) => AttributeName));
  const undefinedKeys = index.KeySchema.filter(({ AttributeName }) => !defined.has(AttributeName)).map(
    ({ AttributeName }) => AttributeName,
  );
  if (undefinedKeys.length > 0) {
    throw validationException(
      "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. " +
        `Keys: [${undefinedKeys.join(", ")}], AttributeDefinitions: [${[...defined].join(", ")}]`,
    );
  }
  const known = new Map([...definitions, ...table.AttributeDefinitions].map((definition) => [definition.AttributeName, definition]));
  if (definitions.some((definition) => known.get(definition.AttributeName)?.AttributeType !== definition.AttributeType)) {
    throw validationException("One or more parameter values were invalid: AttributeDefinitions must not change the type of a key");
  }
  const next = withIndexes(table, [...indexes, described(table, index)], [...known.values()]);
  // Key schema, projection, throughput and the number of indexes have the same rules as in CreateTable.
  region.store.prepare("CreateTable", creationOf(next));
  return next;
}

/** With exactly the definitions that keys use, as the service has it. */
function withIndexes(table: TableDescription, indexes: readonly IndexDescription[], definitions: AttributeDefinitions): TableDescription {
  const { GlobalSecondaryIndexes: _, ...others } = table;
  const locals = (table["LocalSecondaryIndexes"] ?? []) as readonly IndexDescription[];
  const used = new Set([table, ...locals, ...indexes].flatMap(({ KeySchema }) => KeySchema.map(({ AttributeName }) => AttributeName)));
  return {
    ...(others as TableDescription),
    AttributeDefinitions: definitions.filter(({ AttributeName }) => used.has(AttributeName)),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
}

function described(table: TableDescription, index: IndexDescription): IndexDescription {
  const throughput = isRecord(index["ProvisionedThroughput"])
    ? index["ProvisionedThroughput"]
    : { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };
  return {
    ...index,
    IndexArn: `${String(table["TableArn"])}/index/${index.IndexName}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
    IndexStatus: "ACTIVE",
    ProvisionedThroughput: { ...throughput, NumberOfDecreasesToday: 0 },
  };
}

async function fill(region: LocalRegion, table: TableDescription, indexName: string): Promise<void> {
  const index = table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === indexName);
  if (index === undefined) throw resourceNotFound(table.TableName);
  const only = withIndexes(table, [index], table.AttributeDefinitions);
  for (const item of await region.itemsOf(table.TableName)) await region.store.fillIndexes(only, item);
}

/** The service leaves such items out of the index. dynalite would fail on their next change, so that this is refused. */
async function refuseOtherTypes(region: LocalRegion, table: TableDescription, { KeySchema }: IndexDescription): Promise<void> {
  const types = new Map(table.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  for (const item of await region.itemsOf(table.TableName)) {
    for (const { AttributeName } of KeySchema) {
      const value = item[AttributeName];
      if (value === undefined || value[types.get(AttributeName) ?? ""] !== undefined) continue;
      throw validationException(
        `The local Global Table cannot add an index where items hold its key ${AttributeName} with another type than the index`,
      );
    }
  }
}
