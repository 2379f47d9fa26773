import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../src/expressions/index.ts";
import type { ExpressionCase } from "../expression-arbitraries.ts";
import { expressionOf, type Fragment, joined } from "./fragments.ts";
import type { IndexChoice, KeyChoice, SortChoice } from "./operation.ts";
import type { KeyType, TableModel } from "./random-tables.ts";

const bytes = (...values: readonly number[]): AttributeValue => ({ B: Uint8Array.from(values) });

/** Key values by type, each in two spellings that mean the same. */
const keyValues: Readonly<Record<KeyType, readonly (readonly [AttributeValue, AttributeValue])[]>> = {
  S: ["k0", "ключ", "k 2", "__proto__"].map((S) => [{ S }, { S }] as const),
  N: [
    [{ N: "1" }, { N: "1.0" }],
    [{ N: "2.5" }, { N: "2.50" }],
    [{ N: "-3" }, { N: "-3" }],
    [{ N: "12345678901234567890123456789012345678" }, { N: "1.2345678901234567890123456789012345678e37" }],
  ],
  B: [bytes(0), bytes(0, 255), bytes(1), bytes(107)].map((value) => [value, value] as const),
};

function keyValue(type: KeyType, index: number, spelling: number): AttributeValue {
  return keyValues[type][index]?.[spelling] ?? keyValues[type][0]?.[0] ?? { S: "k0" };
}

/** The key, with its fault where it has one. With a sort key, three of the four keys share a partition. */
export function keyOf({ partitionType, sortType }: TableModel, { index, spelling, fault }: KeyChoice): Item {
  const [partition, sort] = sortType === undefined ? [index, 0] : [index === 3 ? 1 : 0, index];
  const pk = keyValue(partitionType, partition, spelling);
  const sk = sortType === undefined ? {} : { sk: keyValue(sortType, sort, spelling) };
  if (fault === "missing") return sk;
  if (fault === "extra") return { pk, ...sk, absent_1: { S: "extra" } };
  if (fault === "type") return { pk: { BOOL: true }, ...sk };
  if (fault === "empty") return { pk: partitionType === "N" ? { N: "" } : partitionType === "S" ? { S: "" } : bytes(), ...sk };
  return { pk, ...sk };
}

export interface KeyConditionChoice {
  readonly partition: number;
  readonly sort: SortChoice | undefined;
  readonly index: IndexChoice;
}

export function keyConditionOf(model: TableModel, { partition, sort, index }: KeyConditionChoice): ExpressionCase {
  const first = partitionPart(model, partition, index);
  const second = sort === undefined ? undefined : sortPart(model, sort, index);
  return expressionOf(second === undefined ? first : joined([first, second], " AND "), "k");
}

function partitionPart({ partitionType }: TableModel, choice: number, index: IndexChoice): Fragment {
  if (index === "byTag") return { text: "tag = ?", values: [{ S: choice === 0 ? "red" : "blue" }] };
  if (index === "byGroup") return { text: "#g = ?", values: [{ S: choice === 0 ? "x" : "y" }] };
  return { text: "pk = ?", values: [keyValue(partitionType, choice, choice)] };
}

function sortPart({ sortType }: TableModel, sort: SortChoice, index: IndexChoice): Fragment | undefined {
  if (index === "byTag") return undefined;
  const name = index === "byGroup" ? "score" : "sk";
  const type = index === "byGroup" ? "N" : sortType;
  if (type === undefined) return undefined;
  const [first, second] = sort.values.map((choice) => (index === "byGroup" ? { N: String(choice + 1) } : keyValue(type, choice, 1)));
  if (first === undefined || second === undefined) return undefined;
  if (sort.comparator === "BETWEEN") return { text: `${name} BETWEEN ? AND ?`, values: [first, second] };
  if (sort.comparator !== "begins_with") return { text: `${name} ${sort.comparator} ?`, values: [first] };
  return { text: `begins_with(${name}, ?)`, values: [first] };
}
