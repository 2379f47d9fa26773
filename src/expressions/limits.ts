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
  /** Parentheses and functions inside one another: more cannot be without redundant parentheses or too many operators. */
  parserDepth: 602,
} as const;
