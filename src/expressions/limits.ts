/**
 * DynamoDB's limits on one expression.
 *
 * @see Amazon DynamoDB Developer Guide "Quotas: Expression parameters"
 */
export const limits = {
  /** UTF-8 bytes of one expression string. */
  expressionBytes: 4096,
  /** Operators and functions of one expression. */
  operators: 300,
  /** Operands in the list of IN. */
  inOperands: 100,
  /** Elements of a document path: the attribute and 31 levels below. */
  pathElements: 32,
  /** List indexes are signed 32-bit integers. */
  listIndex: 2_147_483_647,
  /** Maps and lists inside one another in one value. */
  valueDepth: 32,
  /** Characters of a placeholder, with its `#` or `:`. */
  placeholderLength: 255,
  /** UTF-8 bytes of an attribute name. */
  nameBytes: 65_535,
  /** Parentheses and functions inside one another: more cannot be without redundant parentheses or too many operators. */
  parserDepth: 602,
} as const;
