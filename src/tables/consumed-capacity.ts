import type { Capacity, ConsumedCapacity } from "@aws-sdk/client-dynamodb";

const units = ["CapacityUnits", "ReadCapacityUnits", "WriteCapacityUnits"] as const;

/** The sum of what several requests on one table consumed; `undefined` where none of them said. */
export function sumCapacity(parts: readonly (ConsumedCapacity | undefined)[]): ConsumedCapacity | undefined {
  const said = parts.filter((part) => part !== undefined);
  const [first] = said;
  if (first === undefined) return undefined;
  return {
    ...member("TableName", first.TableName),
    ...sumUnits(said),
    ...member("Table", sumOf(said.map(({ Table }) => Table))),
    ...member("LocalSecondaryIndexes", sumIndexes(said.map(({ LocalSecondaryIndexes }) => LocalSecondaryIndexes))),
    ...member("GlobalSecondaryIndexes", sumIndexes(said.map(({ GlobalSecondaryIndexes }) => GlobalSecondaryIndexes))),
  };
}

/** As {@link sumCapacity}, for answers that list several tables. */
export function sumCapacities(lists: readonly (readonly ConsumedCapacity[] | undefined)[]): ConsumedCapacity[] | undefined {
  const parts = lists.flatMap((list) => list ?? []);
  if (parts.length === 0) return undefined;
  const names = [...new Set(parts.map(({ TableName }) => TableName))];
  return names.flatMap((name) => sumCapacity(parts.filter(({ TableName }) => TableName === name)) ?? []);
}

function sumUnits(parts: readonly Capacity[]): Capacity {
  const sums = units.flatMap((unit): [string, number][] => {
    const said = parts.map((part) => part[unit]).filter((value) => value !== undefined);
    return said.length === 0 ? [] : [[unit, said.reduce((sum, value) => sum + value, 0)]];
  });
  return Object.fromEntries(sums);
}

function sumOf(parts: readonly (Capacity | undefined)[]): Capacity | undefined {
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : sumUnits(said);
}

type Indexes = Record<string, Capacity>;

function sumIndexes(parts: readonly (Indexes | undefined)[]): Indexes | undefined {
  const said = parts.filter((part) => part !== undefined);
  const names = [...new Set(said.flatMap((part) => Object.keys(part)))];
  const sums = names.map((name): [string, Capacity] => [name, sumUnits(said.flatMap((part) => part[name] ?? []))]);
  return said.length === 0 ? undefined : Object.fromEntries(sums);
}

function member<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}
