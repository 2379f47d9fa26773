import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** A map key or a list index. */
export type PathElement = string | number;

/** The type descriptors of an AttributeValue. */
export type AttributeType = "S" | "N" | "B" | "BOOL" | "NULL" | "M" | "L" | "SS" | "NS" | "BS";

/** A document path. `elements` holds resolved names (`#x` is looked up); the first one is the top-level attribute. */
export interface Path {
  readonly kind: "path";
  readonly elements: readonly [string, ...PathElement[]];
  /** As it was written, for instance `#a.b[0]`; no part of the meaning. */
  readonly spelling: string;
}

/** A value given in ExpressionAttributeValues. Never log a tree: its values are the application's plaintext. */
export interface Value {
  readonly kind: "value";
  readonly value: AttributeValue;
  /** As it was written, for instance `:v`; no part of the meaning. */
  readonly placeholder: string;
}

/** `size(operand)`, the only function that is an operand of a condition. */
export interface Size {
  readonly kind: "size";
  readonly operand: Operand;
}

export type Operand = Path | Value | Size;

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export interface Comparison {
  readonly kind: "comparison";
  readonly comparator: Comparator;
  readonly left: Operand;
  readonly right: Operand;
}

export interface Between {
  readonly kind: "between";
  readonly operand: Operand;
  readonly lower: Operand;
  readonly upper: Operand;
}

export interface In {
  readonly kind: "in";
  readonly operand: Operand;
  /** 1 to 100. */
  readonly candidates: readonly Operand[];
}

/** `attribute_exists(path)` or `attribute_not_exists(path)`. */
export interface Existence {
  readonly kind: "attribute_exists" | "attribute_not_exists";
  readonly path: Path;
}

export interface TypeTest {
  readonly kind: "attribute_type";
  readonly operand: Operand;
  /** A value of type S that holds one of the type descriptors. */
  readonly type: Value;
}

/** `begins_with(operand, argument)` or `contains(operand, argument)`. */
export interface Search {
  readonly kind: "begins_with" | "contains";
  readonly operand: Operand;
  readonly argument: Operand;
}

/** A condition without AND, OR, NOT. */
export type Leaf = Comparison | Between | In | Existence | TypeTest | Search;

/** Two terms or more: `a AND b AND c` is one node; parentheses make nodes of their own. */
export interface Junction {
  readonly kind: "and" | "or";
  readonly terms: readonly Condition[];
}

export interface Negation {
  readonly kind: "not";
  readonly term: Condition;
}

/** A condition, filter or key condition expression. */
export type Condition = Leaf | Junction | Negation;

/** `if_not_exists(path, fallback)`. */
export interface IfNotExists {
  readonly kind: "if_not_exists";
  readonly path: Path;
  readonly fallback: SetOperand;
}

export type SetOperand = Path | Value | IfNotExists;

export interface ListAppend {
  readonly kind: "list_append";
  readonly first: SetOperand;
  readonly second: SetOperand;
}

export interface Arithmetic {
  readonly kind: "arithmetic";
  readonly operator: "+" | "-";
  readonly left: SetOperand;
  readonly right: SetOperand;
}

export type SetValue = SetOperand | ListAppend | Arithmetic;

export interface SetAction {
  readonly path: Path;
  readonly value: SetValue;
}

/** An action of ADD (number or set) or DELETE (set). */
export interface ValueAction {
  readonly path: Path;
  readonly value: Value;
}

/** An update expression; a section that is absent is an empty list. */
export interface Update {
  readonly kind: "update";
  readonly set: readonly SetAction[];
  readonly remove: readonly Path[];
  readonly add: readonly ValueAction[];
  readonly delete: readonly ValueAction[];
}

/** A projection expression. */
export interface Projection {
  readonly kind: "projection";
  readonly paths: readonly Path[];
}

export type Expression = Condition | Update | Projection;

/** The name of the request parameter that holds an expression; errors begin with it. */
export type ExpressionKind =
  | "ConditionExpression"
  | "FilterExpression"
  | "KeyConditionExpression"
  | "ProjectionExpression"
  | "UpdateExpression";
