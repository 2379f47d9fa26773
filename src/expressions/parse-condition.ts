import { checkBetween, checkDistinct, checkOrder, checkSearch, checkSize, checkTypeName } from "./check-operands.ts";
import type { Cursor } from "./cursor.ts";
import { describeToken } from "./lexer.ts";
import { limits } from "./limits.ts";
import { parsePath, parseValue } from "./parse-path.ts";
import type { Comparator, Condition, Leaf, Operand, Path, Value } from "./tree.ts";

/** A function before its place says whether it is an operand or a condition. */
interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly operands: readonly Term[];
}

/** What may stand in parentheses: `(a) = :v` begins like `(a = :v)`. */
type Term = Path | Value | Call | Condition;

const arity: ReadonlyMap<string, number> = new Map([
  ["attribute_exists", 1],
  ["attribute_not_exists", 1],
  ["attribute_type", 2],
  ["begins_with", 2],
  ["contains", 2],
  ["size", 1],
]);

/** Stands where an operand was complained of; the tree is never handed out. */
const unusable: Value = { kind: "value", value: { NULL: true }, placeholder: "" };

/**
 * NOT binds tighter than AND, AND tighter than OR.
 *
 * @see Amazon DynamoDB Developer Guide "Condition and filter expressions, operators, and functions"
 */
export function parseCondition(cursor: Cursor): Condition {
  return asCondition(cursor, parseOr(cursor));
}

function parseOr(cursor: Cursor): Term {
  return parseJunction(cursor, "or", parseAnd);
}

function parseAnd(cursor: Cursor): Term {
  return parseJunction(cursor, "and", parseNot);
}

function parseJunction(cursor: Cursor, kind: "and" | "or", parseTerm: (cursor: Cursor) => Term): Term {
  const first = parseTerm(cursor);
  if (!cursor.is("keyword", kind.toUpperCase())) return first;
  const terms = [asCondition(cursor, first)];
  while (cursor.takeIf("keyword", kind.toUpperCase())) {
    cursor.countOperator();
    terms.push(asCondition(cursor, parseTerm(cursor)));
  }
  return { kind, terms };
}

function parseNot(cursor: Cursor): Term {
  let negations = 0;
  for (; cursor.takeIf("keyword", "NOT"); negations++) cursor.countOperator();
  const term = parseComparison(cursor);
  if (negations === 0) return term;
  let condition = asCondition(cursor, term);
  for (; negations > 0; negations--) condition = { kind: "not", term: condition };
  return condition;
}

const comparators: readonly string[] = ["=", "<>", "<", "<=", ">", ">="] satisfies readonly Comparator[];

function isComparator(text: string): text is Comparator {
  return comparators.includes(text);
}

function parseComparison(cursor: Cursor): Term {
  const term = cursor.is("symbol", "(") ? cursor.parenthesised(() => parseOr(cursor)) : parseOperandTerm(cursor);
  if (!isOperandTerm(term)) return term;
  const { text } = cursor.next;
  if (cursor.is("symbol") && isComparator(text)) {
    cursor.take();
    return parseComparisonTail(cursor, term, text);
  }
  if (cursor.takeIf("keyword", "BETWEEN")) return parseBetweenTail(cursor, term);
  return cursor.takeIf("keyword", "IN") ? parseInTail(cursor, term) : term;
}

function parseComparisonTail(cursor: Cursor, term: Term, comparator: Comparator): Leaf {
  cursor.countOperator();
  const [left, right] = [asOperand(cursor, term), asOperand(cursor, parseOperandTerm(cursor))];
  checkDistinct(cursor, comparator, [left, right]);
  if (comparator !== "=" && comparator !== "<>") checkOrder(cursor, comparator, [left, right]);
  return { kind: "comparison", comparator, left, right };
}

function parseBetweenTail(cursor: Cursor, term: Term): Leaf {
  cursor.countOperator();
  const operand = asOperand(cursor, term);
  const lower = asOperand(cursor, parseOperandTerm(cursor));
  cursor.expect("keyword", "AND");
  const upper = asOperand(cursor, parseOperandTerm(cursor));
  checkDistinct(cursor, "BETWEEN", [operand, lower, upper]);
  checkOrder(cursor, "BETWEEN", [operand, lower, upper]);
  checkBetween(cursor, lower, upper);
  return { kind: "between", operand, lower, upper };
}

function parseInTail(cursor: Cursor, term: Term): Leaf {
  cursor.countOperator();
  const operand = asOperand(cursor, term);
  cursor.expect("symbol", "(");
  const candidates = cursor.list(() => asOperand(cursor, parseOperandTerm(cursor)));
  cursor.expect("symbol", ")");
  checkDistinct(cursor, "IN", [operand, ...candidates]);
  if (candidates.length > limits.inOperands) {
    cursor.complain("count", `The IN operator is provided with too many operands; number of operands: ${candidates.length}`);
  }
  return { kind: "in", operand, candidates };
}

function parseOperandTerm(cursor: Cursor): Term {
  if (cursor.is("symbol", "(")) return cursor.parenthesised(() => parseOperandTerm(cursor));
  if (cursor.is("valuePlaceholder")) return parseValue(cursor);
  return cursor.is("name") && cursor.isFollowedBy("(") ? parseCall(cursor) : parsePath(cursor);
}

function parseCall(cursor: Cursor): Call {
  const token = cursor.take();
  const name = token.text;
  cursor.countOperator();
  cursor.expect("symbol", "(");
  const operands = cursor.nested(() => cursor.list(() => parseOperandTerm(cursor)));
  cursor.expect("symbol", ")");
  const count = arity.get(name);
  if (count === undefined) {
    const known = name === "if_not_exists" || name === "list_append";
    cursor.complain(
      "function",
      known
        ? `The function is not allowed in a condition expression; function: ${name}`
        : `Invalid function name; function: ${describeToken(token)}`,
    );
  } else if (count !== operands.length) {
    cursor.complain(
      "count",
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  return { kind: "call", name, operands };
}

function isOperandTerm(term: Term): term is Path | Value | Call {
  return term.kind === "path" || term.kind === "value" || term.kind === "call";
}

function asOperand(cursor: Cursor, term: Term): Operand {
  if (term.kind === "path" || term.kind === "value") return term;
  if (term.kind !== "call") throw cursor.syntaxError();
  if (term.name === "size") {
    const operand = asOperand(cursor, term.operands[0] ?? unusable);
    checkSize(cursor, operand);
    return { kind: "size", operand };
  }
  complainOfMisuse(cursor, term.name);
  return unusable;
}

function asCondition(cursor: Cursor, term: Term): Condition {
  if (term.kind === "path" || term.kind === "value") throw cursor.syntaxError();
  return term.kind === "call" ? asFunction(cursor, term) : term;
}

function asFunction(cursor: Cursor, { name, operands }: Call): Condition {
  const [first, second] = [operands[0] ?? unusable, operands[1] ?? unusable];
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists":
      return { kind: name, path: asPath(cursor, name, first) };
    case "attribute_type": {
      const [operand, type] = [asOperand(cursor, first), asOperand(cursor, second)];
      return { kind: name, operand, type: checkTypeName(cursor, operand, type) ?? unusable };
    }
    case "begins_with":
    case "contains": {
      const [operand, argument] = [asOperand(cursor, first), asOperand(cursor, second)];
      checkSearch(cursor, name, operand, argument);
      return { kind: name, operand, argument };
    }
    default:
      complainOfMisuse(cursor, name);
      return { kind: "not", term: { kind: "in", operand: unusable, candidates: [] } };
  }
}

/** A function that does not exist was complained of by its place. */
function complainOfMisuse(cursor: Cursor, name: string): void {
  if (arity.has(name)) cursor.complain("misuse", `The function is not allowed to be used this way in an expression; function: ${name}`);
}

function asPath(cursor: Cursor, name: string, term: Term): Path {
  const operand = asOperand(cursor, term);
  if (operand.kind === "path") return operand;
  cursor.complain("operand", `Operator or function requires a document path; operator or function: ${name}`);
  return { kind: "path", elements: [""], spelling: "" };
}
