import { compareValues } from "./compare.ts";
import type { Cursor } from "./cursor.ts";
import { describePath } from "./parse-path.ts";
import type { AttributeType, Operand, Path, SetValue, Value } from "./tree.ts";
import { attributeTypes, isOrdered, typeOf } from "./value-type.ts";

/** The type that an operand is bound to have, `undefined` where only an item can tell. */
export function staticType(operand: Operand | SetValue): AttributeType | undefined {
  if (operand.kind === "value") return typeOf(operand.value);
  return operand.kind === "size" ? "N" : undefined;
}

function complainOfType(cursor: Cursor, operator: string, type: string): void {
  cursor.complain("operand", `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`);
}

/** No later operand may be the path that the first one is. */
export function checkDistinct(cursor: Cursor, operator: string, [first, ...rest]: readonly [Operand, ...Operand[]]): void {
  if (first.kind !== "path") return;
  if (rest.some((other) => other.kind === "path" && samePath(first, other))) {
    cursor.complain(
      "operand",
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${describePath(first)}`,
    );
  }
}

function samePath({ elements }: Path, other: Path): boolean {
  return elements.length === other.elements.length && elements.every((element, index) => element === other.elements[index]);
}

/** `<`, `<=`, `>`, `>=` and BETWEEN order strings, numbers and binary only. */
export function checkOrder(cursor: Cursor, operator: string, operands: readonly Operand[]): void {
  for (const operand of operands) {
    const type = staticType(operand);
    if (type !== undefined && !isOrdered(type)) complainOfType(cursor, operator, type);
  }
}

/** Two bounds that are both given as values must be of one type and in order. The service shows them; we never show values. */
export function checkBetween(cursor: Cursor, lower: Operand, upper: Operand): void {
  if (lower.kind !== "value" || upper.kind !== "value") return;
  const shown = `lower bound operand: of type ${typeOf(lower.value)}, upper bound operand: of type ${typeOf(upper.value)}`;
  if (typeOf(lower.value) !== typeOf(upper.value)) {
    cursor.complain("operand", `The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`);
  } else if ((compareValues(lower.value, upper.value) ?? 0) > 0) {
    cursor.complain("operand", `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`);
  }
}

export function checkSize(cursor: Cursor, operand: Operand): void {
  const type = staticType(operand);
  if (type === "N" || type === "BOOL" || type === "NULL") complainOfType(cursor, "size", type);
}

/** The second operand of attribute_type, if it is right: a value that is one of the type descriptors. */
export function checkTypeName(cursor: Cursor, operand: Operand, type: Operand): Value | undefined {
  checkDistinct(cursor, "attribute_type", [operand, type]);
  const valid = `{${attributeTypes.join(",")}}`;
  if (type.kind !== "value" || type.value.S === undefined) {
    complainOfType(cursor, "attribute_type", staticType(type) ?? valid);
    return undefined;
  }
  if (!attributeTypes.some((known) => known === type.value.S)) {
    cursor.complain("operand", `Invalid attribute type name found; valid types: ${valid}`);
  }
  return type;
}

export function checkSearch(cursor: Cursor, name: "begins_with" | "contains", operand: Operand, argument: Operand): void {
  checkDistinct(cursor, name, [operand, argument]);
  if (name === "contains") return;
  for (const type of [staticType(operand), staticType(argument)]) {
    if (type !== undefined && type !== "S" && type !== "B") complainOfType(cursor, name, type);
  }
}

/** The operands of `+`, `-` (numbers) and list_append (lists). */
export function checkSetOperands(cursor: Cursor, operator: "+" | "-" | "list_append", operands: readonly SetValue[]): void {
  const wanted = operator === "list_append" ? "L" : "N";
  for (const operand of operands) {
    const type = staticType(operand);
    if (type !== undefined && type !== wanted) complainOfType(cursor, operator, type);
  }
}

const typeNames: Readonly<Record<AttributeType, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  BOOL: "BOOLEAN",
  NULL: "NULL",
  M: "MAP",
  L: "LIST",
  SS: "STRING_SET",
  NS: "NUMBER_SET",
  BS: "BINARY_SET",
};

/** As the service's errors name a type. */
export function typeName(type: AttributeType): string {
  return typeNames[type];
}

/** ADD takes a number or a set, DELETE a set. */
export function checkActionValue(cursor: Cursor, section: "ADD" | "DELETE", { value }: Value): void {
  const type = typeOf(value);
  if (type === "SS" || type === "NS" || type === "BS" || (section === "ADD" && type === "N")) return;
  cursor.complain(
    "operand",
    `Incorrect operand type for operator or function; operator: ${section}, operand type: ${typeNames[type]}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
  );
}
