/** A table name as DynamoDB allows it. */
const tableNamePattern = /^[A-Za-z0-9_.-]{3,255}$/;

/** The ARN of a table itself; those of indexes, streams and backups go on after the name. */
const tableArnPattern = /^arn:[a-z0-9-]+:dynamodb:[a-z0-9-]*:\d*:table\/([^/]+)$/;

/**
 * The table that `TableName` of a request names: itself, or the last part of a table ARN. `undefined` where it names
 * no table, for instance an index ARN: such a text must never be taken for a table that is not protected.
 */
export function tableOf(tableName: string): string | undefined {
  const name = tableArnPattern.exec(tableName)?.[1] ?? tableName;
  return tableNamePattern.test(name) ? name : undefined;
}

/** The table that an ARN is of, or of whose index, stream or backup it is; a name is itself. */
const anyTableArnPattern = /^arn:[a-z0-9-]+:dynamodb:[a-z0-9-]*:\d*:table\/([^/]+)(?:\/|$)/;

/** As {@link tableOf}, for requests that carry no items: they also name what belongs to a table. */
export function owningTableOf(name: string): string | undefined {
  const table = anyTableArnPattern.exec(name)?.[1] ?? name;
  return tableNamePattern.test(table) ? table : undefined;
}
