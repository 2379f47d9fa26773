import type { AttributeDefinition, BackupDescription, KeySchemaElement, TableDescription } from "@aws-sdk/client-dynamodb";
import type { TablePlan } from "../schema/index.ts";
import { applicationName, storedIndexKey } from "../search/index.ts";
import type { OperationCall } from "../tables/index.ts";

/** Whatever names keys of indexes: a part of a request, or of a description. */
interface Keyed {
  readonly KeySchema?: KeySchemaElement[] | undefined;
}

/** Where a request says what indexes a table has; each operation has some of these. */
interface Definition {
  AttributeDefinitions?: AttributeDefinition[] | undefined;
  GlobalSecondaryIndexes?: Keyed[] | undefined;
  LocalSecondaryIndexes?: Keyed[] | undefined;
  GlobalSecondaryIndexUpdates?: { Create?: Keyed | undefined }[] | undefined;
  GlobalSecondaryIndexOverride?: Keyed[] | undefined;
  LocalSecondaryIndexOverride?: Keyed[] | undefined;
}

/**
 * A request that defines indexes with the beacon's attribute wherever an attribute with a beacon is the key of one, which
 * is a text whatever the attribute is.
 */
export function storedDefinition<Input extends Definition>(plan: TablePlan, input: Input): Input {
  const rename: Rename = (name) => storedIndexKey(plan, name)?.attribute ?? name;
  const renamed = definitionUnder(input, rename);
  const updates = input.GlobalSecondaryIndexUpdates?.map((update) =>
    update.Create === undefined ? update : { ...update, Create: keyedUnder(update.Create, rename) },
  );
  return { ...input, ...renamed, ...(updates && { GlobalSecondaryIndexUpdates: updates }) };
}

/** The members of answers that describe a table or its backup. */
export interface TableDescriptions {
  readonly Table?: TableDescription | undefined;
  readonly TableDescription?: TableDescription | undefined;
  readonly BackupDescription?: BackupDescription | undefined;
}

/**
 * An answer in which keys of indexes that are beacons are called as the application calls them, in its requests too.
 */
export function namedDescriptions(answer: TableDescriptions, { state }: OperationCall): TableDescriptions {
  const { Table, TableDescription, BackupDescription } = answer;
  const named = (description: TableDescription): TableDescription => {
    const plan = state.tables.findConfigured(description.TableName)?.plan;
    return plan === undefined ? description : { ...description, ...definitionUnder(description, (name) => applicationName(plan, name)) };
  };
  const namedBackup = (backup: BackupDescription): BackupDescription => {
    const plan = state.tables.findConfigured(backup.SourceTableDetails?.TableName)?.plan;
    const features = backup.SourceTableFeatureDetails;
    if (plan === undefined || features === undefined) return backup;
    return {
      ...backup,
      SourceTableFeatureDetails: { ...features, ...definitionUnder(features, (name) => applicationName(plan, name)) },
    };
  };
  return {
    ...answer,
    ...(Table && { Table: named(Table) }),
    ...(TableDescription && { TableDescription: named(TableDescription) }),
    ...(BackupDescription && { BackupDescription: namedBackup(BackupDescription) }),
  };
}

type Rename = (name: string) => string;

const listsOfIndexes = [
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
  "GlobalSecondaryIndexOverride",
  "LocalSecondaryIndexOverride",
] as const;

/** The members of a definition that name keys, under other names. */
function definitionUnder(definition: Definition, rename: Rename): Definition {
  const renamed: Definition = {};
  for (const list of listsOfIndexes) {
    const indexes = definition[list];
    if (indexes !== undefined) renamed[list] = indexes.map((index) => keyedUnder(index, rename));
  }
  if (definition.AttributeDefinitions !== undefined)
    renamed.AttributeDefinitions = attributesUnder(definition.AttributeDefinitions, rename);
  return renamed;
}

function keyedUnder<Index extends Keyed>(index: Index, rename: Rename): Index {
  const { KeySchema } = index;
  if (KeySchema === undefined) return index;
  return { ...index, KeySchema: KeySchema.map((key) => ({ ...key, AttributeName: key.AttributeName && rename(key.AttributeName) })) };
}

/** Each attribute once, also where a request names a beacon by both its names. */
function attributesUnder(definitions: readonly AttributeDefinition[], rename: Rename): AttributeDefinition[] {
  const byName: Map<string | undefined, AttributeDefinition> = new Map();
  for (const definition of definitions) {
    const AttributeName = definition.AttributeName && rename(definition.AttributeName);
    const isBeacon = AttributeName !== definition.AttributeName;
    byName.set(AttributeName, isBeacon ? { AttributeName, AttributeType: "S" } : definition);
  }
  return [...byName.values()];
}
