import type { Condition, Expression, Junction, Leaf, Operand, Path, SetValue, Update } from "./tree.ts";

/** Every document path that a tree names, in the order in which it names them; a path named twice is there twice. */
export function referencedPaths(tree: Expression): readonly Path[] {
  if (tree.kind === "projection") return tree.paths;
  return tree.kind === "update" ? [...writtenPaths(tree), ...readPaths(tree)] : conditionPaths(tree);
}

/** The top-level attribute names of {@link referencedPaths}, each once. */
export function referencedAttributes(tree: Expression): ReadonlySet<string> {
  return topLevel(referencedPaths(tree));
}

/** The paths that an update sets, removes, adds to or deletes from. */
export function writtenPaths(update: Update): readonly Path[] {
  return [...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove);
}

/** The top-level attribute names that an update writes, each once. */
export function writtenAttributes(update: Update): ReadonlySet<string> {
  return topLevel(writtenPaths(update));
}

/** The paths on the right-hand sides of SET. ADD and DELETE read what they write; that is not listed here. */
export function readPaths(update: Update): readonly Path[] {
  return update.set.flatMap(({ value }) => setValuePaths(value));
}

export function topLevel(paths: readonly Path[]): ReadonlySet<string> {
  return new Set(paths.map(({ elements }) => elements[0]));
}

function conditionPaths(condition: Condition): readonly Path[] {
  if (isJunction(condition)) return condition.terms.flatMap(conditionPaths);
  return condition.kind === "not" ? conditionPaths(condition.term) : leafPaths(condition);
}

/** The paths in a condition without AND, OR, NOT; those inside `size` too. */
export function leafPaths(leaf: Leaf): readonly Path[] {
  return leafOperands(leaf).flatMap(operandPaths);
}

export function isJunction(condition: Condition): condition is Junction {
  return condition.kind === "and" || condition.kind === "or";
}

/** The operands of a condition without AND, OR, NOT, in their order. */
export function leafOperands(leaf: Leaf): readonly Operand[] {
  switch (leaf.kind) {
    case "comparison":
      return [leaf.left, leaf.right];
    case "between":
      return [leaf.operand, leaf.lower, leaf.upper];
    case "in":
      return [leaf.operand, ...leaf.candidates];
    case "attribute_exists":
    case "attribute_not_exists":
      return [leaf.path];
    case "attribute_type":
      return [leaf.operand, leaf.type];
    case "begins_with":
    case "contains":
      return [leaf.operand, leaf.argument];
  }
}

function operandPaths(operand: Operand): readonly Path[] {
  if (operand.kind === "size") return operandPaths(operand.operand);
  return operand.kind === "path" ? [operand] : [];
}

function setValuePaths(value: SetValue): readonly Path[] {
  switch (value.kind) {
    case "path":
      return [value];
    case "value":
      return [];
    case "if_not_exists":
      return [value.path, ...setValuePaths(value.fallback)];
    case "list_append":
      return [...setValuePaths(value.first), ...setValuePaths(value.second)];
    case "arithmetic":
      return [...setValuePaths(value.left), ...setValuePaths(value.right)];
  }
}
