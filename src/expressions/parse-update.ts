import { checkActionValue, checkSetOperands } from "./check-operands.ts";
import { checkPaths } from "./check-paths.ts";
import type { Cursor } from "./cursor.ts";
import { describeToken, type Token } from "./lexer.ts";
import { parsePath, parseValue } from "./parse-path.ts";
import type { Arithmetic, ListAppend, Path, SetAction, SetOperand, SetValue, Update, Value, ValueAction } from "./tree.ts";

/** A call of if_not_exists or list_append in a place where it may not stand is complained of and replaced by this. */
const unusable: Value = { kind: "value", value: { NULL: true }, placeholder: "" };

/**
 * Sections SET, REMOVE, ADD, DELETE in any order, each at most once.
 *
 * @see Amazon DynamoDB Developer Guide "Using update expressions in DynamoDB"
 */
export function parseUpdate(cursor: Cursor): Update {
  const sections: { set: SetAction[]; remove: Path[]; add: ValueAction[]; delete: ValueAction[] } = {
    set: [],
    remove: [],
    add: [],
    delete: [],
  };
  const paths: Path[] = [];
  const pathOf = (): Path => {
    const path = parsePath(cursor);
    paths.push(path);
    return path;
  };
  do {
    if (takeSection(cursor, "SET", sections.set)) {
      sections.set.push(...cursor.list(() => parseSetAction(cursor, pathOf)));
    } else if (takeSection(cursor, "REMOVE", sections.remove)) {
      sections.remove.push(...cursor.list(pathOf));
    } else if (takeSection(cursor, "ADD", sections.add)) {
      sections.add.push(...cursor.list(() => parseValueAction(cursor, "ADD", pathOf)));
    } else if (takeSection(cursor, "DELETE", sections.delete)) {
      sections.delete.push(...cursor.list(() => parseValueAction(cursor, "DELETE", pathOf)));
    } else throw cursor.syntaxError();
  } while (!cursor.is("end"));
  checkPaths(cursor, paths);
  return { kind: "update", ...sections };
}

function takeSection(cursor: Cursor, section: string, actions: readonly unknown[]): boolean {
  const taken = cursor.takeIf("keyword", section);
  if (taken && actions.length > 0) {
    cursor.complain("section", `The "${section}" section can only be used once in an update expression;`);
  }
  return taken;
}

function parseSetAction(cursor: Cursor, pathOf: () => Path): SetAction {
  const path = pathOf();
  cursor.expect("symbol", "=");
  return { path, value: parseSetValue(cursor) };
}

function parseValueAction(cursor: Cursor, section: "ADD" | "DELETE", pathOf: () => Path): ValueAction {
  const path = pathOf();
  const value = parseValue(cursor);
  checkActionValue(cursor, section, value);
  return { path, value };
}

/** An operand, or two with `+` or `-` between; the whole may stand in parentheses. */
function parseSetValue(cursor: Cursor): SetValue {
  const left = cursor.is("symbol", "(") ? cursor.parenthesised(() => parseSetValue(cursor)) : parseOperand(cursor);
  const operator = cursor.next.text;
  if (left.kind === "arithmetic" || !cursor.is("symbol") || (operator !== "+" && operator !== "-")) return left;
  cursor.take();
  return arithmetic(cursor, operator, left, parseOperand(cursor));
}

function arithmetic(cursor: Cursor, operator: "+" | "-", first: SetOperand | ListAppend, second: SetOperand | ListAppend): Arithmetic {
  cursor.countOperator();
  const [left, right] = [asOperand(cursor, first), asOperand(cursor, second)];
  checkSetOperands(cursor, operator, [left, right]);
  return { kind: "arithmetic", operator, left, right };
}

function parseOperand(cursor: Cursor): SetOperand | ListAppend {
  if (cursor.is("symbol", "(")) return cursor.parenthesised(() => parseOperand(cursor));
  if (cursor.is("valuePlaceholder")) return parseValue(cursor);
  return cursor.is("name") && cursor.isFollowedBy("(") ? parseCall(cursor) : parsePath(cursor);
}

function parseCall(cursor: Cursor): SetOperand | ListAppend {
  const token = cursor.take();
  const name = token.text;
  cursor.countOperator();
  cursor.expect("symbol", "(");
  const operands = cursor.nested(() => cursor.list(() => parseOperand(cursor)));
  cursor.expect("symbol", ")");
  const [first, second] = [operands[0], operands[1] ?? unusable];
  if (name !== "if_not_exists" && name !== "list_append") {
    cursor.complain("function", functionReason(token));
    return unusable;
  }
  if (operands.length !== 2) {
    cursor.complain(
      "count",
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  const operand = asOperand(cursor, first);
  const argument = asOperand(cursor, second);
  if (name === "list_append") {
    checkSetOperands(cursor, name, [operand, argument]);
    return { kind: name, first: operand, second: argument };
  }
  if (operand.kind === "path") return { kind: name, path: operand, fallback: argument };
  cursor.complain("operand", `Operator or function requires a document path; operator or function: ${name}`);
  return unusable;
}

const conditionFunctions: readonly string[] = [
  "attribute_exists",
  "attribute_not_exists",
  "attribute_type",
  "begins_with",
  "contains",
  "size",
];

function functionReason(token: Token): string {
  return conditionFunctions.includes(token.text)
    ? `The function is not allowed in an update expression; function: ${token.text}`
    : `Invalid function name; function: ${describeToken(token)}`;
}

/** list_append is a whole right-hand side, never a part of one. */
function asOperand(cursor: Cursor, operand: SetOperand | ListAppend): SetOperand {
  if (operand.kind !== "list_append") return operand;
  cursor.complain("misuse", `The function is not allowed to be used this way in an expression; function: ${operand.kind}`);
  return unusable;
}
