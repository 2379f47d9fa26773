import fc from "fast-check";
import { anyExpression, type ExpressionCase } from "../expression-arbitraries.ts";
import { type PathType, paths } from "./attribute-pool.ts";
import { expressionOf, type Fragment, joined, oneOf, sequence, valued, withPrefix } from "./fragments.ts";
import { anyValue, groupValue, numberValue, scoreValue, setValue, stringValue, tagValue, valueOf } from "./random-values.ts";

const types = Object.keys(paths) as readonly PathType[];
const anyPath = oneOf(types.flatMap((type) => paths[type]));
const pathOf = (type: PathType): fc.Arbitrary<Fragment> => oneOf(paths[type]);
const number = valued(numberValue);

const ordered = fc.constantFrom("=", "<>", "<", "<=", ">", ">=").map((comparator) => ({ text: ` ${comparator} `, values: [] }));
const equality = fc.constantFrom("=", "<>").map((comparator) => ({ text: ` ${comparator} `, values: [] }));
const typeName = valued(fc.constantFrom("S", "N", "B", "L", "M", "SS").map((S) => ({ S })));

/** Two bounds in order, which the service asks for. */
const bounds = fc.constantFrom<readonly [string, string]>(["0", "2"], ["-1", "0.5"], ["2", "100"]).map(([low, high]) => ({
  text: "? AND ?",
  values: [{ N: low }, { N: high }],
}));

function leaf(): fc.Arbitrary<Fragment> {
  const sameType = types.map((type) => sequence(pathOf(type), equality, valued(valueOf[type])));
  return fc.oneof(
    { weight: 4, arbitrary: sequence("attribute_exists(", anyPath, ")") },
    { weight: 2, arbitrary: sequence("attribute_not_exists(", anyPath, ")") },
    { weight: 5, arbitrary: sequence(pathOf("number"), ordered, number) },
    { weight: 2, arbitrary: sequence(pathOf("string"), ordered, valued(stringValue)) },
    { weight: 2, arbitrary: sequence("tag", equality, valued(tagValue)) },
    { weight: 1, arbitrary: sequence("#g", equality, valued(groupValue)) },
    { weight: 1, arbitrary: sequence("score", ordered, valued(scoreValue)) },
    { weight: 4, arbitrary: fc.oneof(...sameType) },
    { weight: 2, arbitrary: sequence(pathOf("any"), equality, valued(anyValue)) },
    { weight: 2, arbitrary: sequence(pathOf("number"), ordered, pathOf("number")) },
    { weight: 1, arbitrary: sequence(number, ordered, pathOf("number")) },
    { weight: 2, arbitrary: sequence(pathOf("number"), " BETWEEN ", bounds) },
    { weight: 2, arbitrary: sequence(pathOf("number"), " IN (", number, ", ", number, ", ", number, ")") },
    { weight: 2, arbitrary: sequence("contains(", pathOf("list"), ", ", number, ")") },
    { weight: 2, arbitrary: sequence("contains(", pathOf("set"), ", ", valued(stringValue), ")") },
    { weight: 2, arbitrary: sequence("begins_with(", pathOf("string"), ", ", valued(stringValue), ")") },
    { weight: 2, arbitrary: sequence("attribute_type(", anyPath, ", ", typeName, ")") },
    { weight: 2, arbitrary: sequence("size(", fc.oneof(pathOf("list"), pathOf("set"), pathOf("map")), ")", ordered, number) },
    { weight: 1, arbitrary: sequence(pathOf("set"), equality, valued(setValue)) },
  );
}

function negated({ text, values }: Fragment): Fragment {
  return { text: `NOT ${text}`, values };
}

function inParentheses({ text, values }: Fragment): Fragment {
  return { text: `(${text})`, values };
}

/** A leaf or its opposite, so that one is as often true as false, whatever the items are. */
function fairLeaf(): fc.Arbitrary<Fragment> {
  return fc.tuple(leaf(), fc.boolean()).map(([fragment, flip]) => (flip ? negated(fragment) : fragment));
}

function junction(): fc.Arbitrary<Fragment> {
  const terms = fc.array(fairLeaf(), { minLength: 2, maxLength: 3 });
  return fc
    .tuple(terms, fc.constantFrom(" AND ", " OR ", " and "), fc.boolean())
    .map(([pieces, operator, flip]) => (flip ? negated(inParentheses(joined(pieces, operator))) : joined(pieces, operator)));
}

function mixed(): fc.Arbitrary<Fragment> {
  return fc.tuple(junction(), fairLeaf(), fc.constantFrom(" AND ", " OR ")).map(([first, second, operator]) => {
    return joined([inParentheses(first), second], operator);
  });
}

/** A condition that holds about half of the time; some 1 in 12 are wild ones, which may be refused. */
export function anyCondition(prefix: string): fc.Arbitrary<ExpressionCase> {
  const typed = fc.oneof({ arbitrary: fairLeaf(), weight: 5 }, { arbitrary: junction(), weight: 3 }, { arbitrary: mixed(), weight: 1 });
  return fc.oneof(
    { arbitrary: typed.map((fragment) => expressionOf(fragment, prefix)), weight: 11 },
    { arbitrary: anyExpression("ConditionExpression").map((wild) => withPrefix(wild, prefix)), weight: 1 },
  );
}
