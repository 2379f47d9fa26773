import fc from "fast-check";
import { anyExpression, type ExpressionCase } from "../expression-arbitraries.ts";
import { paths, rootOf, writable } from "./attribute-pool.ts";
import { constant, expressionOf, type Fragment, joined, oneOf, sequence, valued, withPrefix } from "./fragments.ts";
import { anyValue, groupValue, listValue, numberValue, scoreValue, setValue, stringValue, tagValue } from "./random-values.ts";

type Section = "SET" | "REMOVE" | "ADD" | "DELETE";

interface Action {
  readonly section: Section;
  readonly path: string;
  readonly fragment: Fragment;
}

const number = valued(numberValue);
const list = valued(listValue);

/** A path that is there, or a value: mostly with a fallback, since a missing operand refuses the update. */
function operand(from: readonly string[], value: fc.Arbitrary<Fragment>): fc.Arbitrary<Fragment> {
  return fc.oneof(
    { weight: 2, arbitrary: value },
    { weight: 3, arbitrary: sequence("if_not_exists(", oneOf(from), ", ", value, ")") },
    { weight: 1, arbitrary: oneOf(from) },
  );
}

const numberRight = (path: string): fc.Arbitrary<Fragment> =>
  fc.oneof(
    { weight: 2, arbitrary: number },
    { weight: 2, arbitrary: sequence(`if_not_exists(${path}, `, number, ") + ", number) },
    { weight: 1, arbitrary: sequence(path, fc.constantFrom(" + ", " - ").chain(constant), number) },
    {
      weight: 2,
      arbitrary: sequence(operand(paths.number, number), fc.constantFrom("+", " - ").chain(constant), operand(paths.number, number)),
    },
  );

const listRight = (path: string): fc.Arbitrary<Fragment> =>
  fc.oneof(
    { weight: 2, arbitrary: list },
    { weight: 3, arbitrary: sequence(`list_append(if_not_exists(${path}, `, list, "), ", list, ")") },
    { weight: 1, arbitrary: sequence("list_append(", operand(paths.list, list), ", ", operand(paths.list, list), ")") },
  );

const anyRight = (path: string): fc.Arbitrary<Fragment> =>
  fc.oneof(
    { weight: 4, arbitrary: valued(anyValue) },
    { weight: 1, arbitrary: sequence(`if_not_exists(${path}, `, valued(anyValue), ")") },
    {
      weight: 1,
      arbitrary: sequence("if_not_exists(", oneOf([...paths.any, ...paths.number, ...paths.list]), ", ", valued(anyValue), ")"),
    },
    { weight: 1, arbitrary: oneOf(["a", "b", "c", "#o", "Notes", "ctx", "pk", "c.a"]) },
  );

function action(
  section: Section,
  targets: readonly string[],
  right: (path: string) => fc.Arbitrary<Fragment> | undefined,
): fc.Arbitrary<Action> {
  return fc.constantFrom(...targets).chain((path) => {
    const rest = right(path);
    const between = section === "SET" ? " = " : " ";
    const fragment = rest === undefined ? constant(path) : sequence(path, between, rest);
    return fragment.map((done) => ({ section, path, fragment: done }));
  });
}

const indexValues = { tag: valued(tagValue), "#g": valued(groupValue), score: valued(scoreValue) } as const;

function anyAction(): fc.Arbitrary<Action> {
  return fc.oneof(
    { weight: 6, arbitrary: action("SET", writable.number, numberRight) },
    { weight: 4, arbitrary: action("SET", writable.list, listRight) },
    { weight: 4, arbitrary: action("SET", writable.any, anyRight) },
    { weight: 1, arbitrary: action("SET", writable.string, () => valued(stringValue)) },
    { weight: 1, arbitrary: action("SET", writable.set, () => valued(setValue)) },
    { weight: 2, arbitrary: action("SET", ["tag", "#g", "score"], (path) => indexValues[path as keyof typeof indexValues]) },
    { weight: 1, arbitrary: action("SET", ["c", "#d"], () => valued(anyValue)) },
    { weight: 4, arbitrary: action("ADD", ["a", "in_1", "a", "in_1", "c.a", "#d.#a", "b[0]", "score", "score"], () => number) },
    { weight: 2, arbitrary: action("ADD", writable.set, () => valued(setValue)) },
    { weight: 2, arbitrary: action("DELETE", writable.set, () => valued(setValue)) },
    { weight: 3, arbitrary: action("REMOVE", [...Object.values(writable).flat(), "c", "#d", "b[2]"], () => undefined) },
  );
}

/** Now and then the key, which no update may write; and the attribute of the encryption context, in one that has to have it. */
function special(): fc.Arbitrary<Action> {
  return fc.oneof(
    { weight: 12, arbitrary: action("SET", ["ctx"], () => fc.oneof(valued(stringValue), valued(anyValue))) },
    { weight: 1, arbitrary: action("SET", ["pk"], () => valued(stringValue)) },
  );
}

/** Actions on places that mostly do not overlap: of one attribute, only places inside of it. */
function compatible(actions: readonly Action[]): readonly Action[] {
  const kept: Action[] = [];
  for (const one of actions) {
    const same = kept.filter(({ path }) => rootOf(path) === rootOf(one.path));
    const apart =
      [...same, one].every(({ path }) => /[.[]/.test(path)) && new Set([...same, one].map(({ path }) => path)).size > same.length;
    if (same.length === 0 || apart) kept.push(one);
  }
  return kept;
}

function updateOf(actions: readonly Action[]): Fragment {
  const sections = (["SET", "REMOVE", "ADD", "DELETE"] as const).map((section) => ({
    section,
    own: actions.filter((one) => one.section === section),
  }));
  const texts = sections
    .filter(({ own }) => own.length > 0)
    .map(({ section, own }) => {
      const { text, values } = joined(
        own.map(({ fragment }) => fragment),
        ", ",
      );
      return { text: `${section} ${text}`, values };
    });
  return joined(texts, " ");
}

/** An update that mostly fits the items; some 1 in 15 are wild ones. */
export function anyUpdate(prefix: string): fc.Arbitrary<ExpressionCase> {
  const actions = fc
    .tuple(fc.array(anyAction(), { minLength: 1, maxLength: 3 }), fc.option(special(), { freq: 5, nil: undefined }))
    .map(([some, more]) => compatible(more === undefined ? some : [...some, more]));
  return fc.oneof(
    { arbitrary: actions.map((chosen) => expressionOf(updateOf(chosen), prefix)), weight: 14 },
    { arbitrary: anyExpression("UpdateExpression").map((wild) => withPrefix(wild, prefix)), weight: 1 },
  );
}
