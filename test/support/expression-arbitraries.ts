import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { ExpressionKind, Item } from "../../src/expressions/index.ts";

/** Few names and values, so that random expressions meet what random items hold. */
const bareNames: readonly string[] = ["a", "b", "c", "ordering", "Notes", "sized", "in_1"];
const namePlaceholders: Readonly<Record<string, string>> = { "#a": "a", "#b": "b", "#o": "order", "#d": "x.y", "#9": "9 ü" };
const attributeNames: readonly string[] = [...bareNames, "order", "x.y", "9 ü"];

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

const scalars: readonly AttributeValue[] = [
  ...["0", "1", "1.0", "2", "-1", "10", "1e2", "0.1", "12345678901234567890123456789012345678", "9.9e125", "-9.9e125", "1e-130"].map(
    (N) => ({ N }),
  ),
  ...["", "a", "ab", "b", "aé", "😀", "\uffff", "N", "S", "M"].map((S) => ({ S })),
  ...[bytes(), bytes(0), bytes(97), bytes(97, 98), bytes(200)].map((B) => ({ B })),
  { BOOL: true },
  { BOOL: false },
  { NULL: true },
];

const sets: readonly AttributeValue[] = [
  { SS: ["a"] },
  { SS: ["a", "b"] },
  { SS: ["b", "a"] },
  { NS: ["1"] },
  { NS: ["2", "1"] },
  { NS: ["0", "10"] },
  { BS: [bytes(97)] },
  { BS: [bytes(97), bytes(0)] },
];

/** Any value of the pool, or a list or map of some. */
export function pooledValue(): fc.Arbitrary<AttributeValue> {
  return fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { arbitrary: fc.constantFrom(...scalars), weight: 6 },
      { arbitrary: fc.constantFrom(...sets), weight: 2 },
      { arbitrary: fc.array(tie("value"), { maxLength: 4 }).map((L): AttributeValue => ({ L })), weight: 3 },
      { arbitrary: pooledMap(tie("value")).map((M): AttributeValue => ({ M })), weight: 2 },
    ),
  })).value;
}

function pooledMap(value: fc.Arbitrary<AttributeValue>): fc.Arbitrary<Record<string, AttributeValue>> {
  return fc.dictionary(fc.constantFrom(...attributeNames), value, { maxKeys: 5, noNullPrototype: true });
}

export function pooledItem(): fc.Arbitrary<Item> {
  return pooledMap(pooledValue());
}

/** An expression of one kind with the placeholders it uses, and perhaps some that it does not. */
export interface ExpressionCase {
  readonly text: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

const valuePlaceholders: readonly string[] = [":n", ":m", ":s", ":t", ":set", ":list", ":any", ":v"];

function pooledValues(): fc.Arbitrary<Record<string, AttributeValue>> {
  const of = (type: keyof AttributeValue): fc.Arbitrary<AttributeValue> => fc.constantFrom(...scalars.filter((value) => type in value));
  return fc.record({
    ":n": of("N"),
    ":m": of("N"),
    ":s": of("S"),
    ":t": fc.constantFrom("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS").map((S) => ({ S })),
    ":set": fc.constantFrom(...sets),
    ":list": fc.array(pooledValue(), { maxLength: 3 }).map((L) => ({ L })),
    ":any": pooledValue(),
    ":v": fc.constantFrom(...scalars),
  });
}

const keyword = (word: string): fc.Arbitrary<string> => fc.constantFrom(word, word, word.toLowerCase());
const join = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((texts) => texts.join(""));
const list = (item: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength }).map((items) => items.join(", "));

const name: fc.Arbitrary<string> = fc.constantFrom(...bareNames, ...Object.keys(namePlaceholders));

export function pathText(): fc.Arbitrary<string> {
  const step = fc.oneof(
    join(".", name),
    fc.nat({ max: 4 }).map((index) => `[${index}]`),
  );
  return fc.oneof(
    { arbitrary: name, weight: 3 },
    { arbitrary: join(name, step), weight: 2 },
    { arbitrary: join(name, step, step), weight: 1 },
  );
}

const value: fc.Arbitrary<string> = fc.constantFrom(...valuePlaceholders);
const parenthesised = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => join("(", text, ")");

function operand(): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: pathText(), weight: 8 },
    { arbitrary: value, weight: 5 },
    { arbitrary: join("size(", pathText(), ")"), weight: 2 },
    { arbitrary: join("size(", value, ")"), weight: 1 },
    { arbitrary: parenthesised(fc.oneof(pathText(), value)), weight: 1 },
  );
}

function leafText(): fc.Arbitrary<string> {
  const of = operand();
  const call = (of2: fc.Arbitrary<string>, ...names: readonly string[]): fc.Arbitrary<string> =>
    join(fc.constantFrom(...names), "(", of2, ")");
  return fc.oneof(
    { arbitrary: join(of, " ", fc.constantFrom("=", "<>", "<", "<=", ">", ">="), " ", of), weight: 6 },
    { arbitrary: join(of, " ", keyword("BETWEEN"), " ", of, " ", keyword("AND"), " ", of), weight: 2 },
    { arbitrary: join(of, " ", keyword("IN"), " (", list(of, 4), ")"), weight: 2 },
    { arbitrary: call(pathText(), "attribute_exists", "attribute_not_exists"), weight: 1 },
    { arbitrary: call(join(of, ", ", fc.constantFrom(":t", ":t", ":t", ":s")), "attribute_type"), weight: 1 },
    { arbitrary: call(join(of, ", ", of), "begins_with", "contains"), weight: 3 },
  );
}

export function conditionText(): fc.Arbitrary<string> {
  return fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { arbitrary: leafText(), weight: 4 },
      { arbitrary: join(tie("condition"), " ", keyword("AND"), " ", tie("condition")), weight: 1 },
      { arbitrary: join(tie("condition"), " ", keyword("OR"), " ", tie("condition")), weight: 1 },
      { arbitrary: join(keyword("NOT"), " ", tie("condition")), weight: 1 },
      { arbitrary: parenthesised(tie("condition")), weight: 1 },
    ),
  })).condition;
}

export function projectionText(): fc.Arbitrary<string> {
  return list(pathText(), 5);
}

/** Targets of actions of which any two may stand in one update. */
const wholeTargets: readonly string[] = ["a", "b", "c", "in_1", "sized", "#d", "#o", "Notes"];
const innerTargets: readonly string[] = [
  "a",
  "b[0]",
  "b[1]",
  "b[2]",
  "b[7]",
  "b[9]",
  "c.a",
  "c.b",
  "c.#o",
  "c.Notes",
  "#d.#a",
  "sized[0]",
  "sized[3]",
  "#o",
];

const numberPath = fc.constantFrom("a", "in_1", "b[0]", "b[1]", "c.a", "#d.#a");
const listPath = fc.constantFrom("b", "sized", "c.b");
const orFallback = (path: fc.Arbitrary<string>, fallback: string): fc.Arbitrary<string> =>
  fc.oneof(path, fc.constant(fallback), join("if_not_exists(", path, ", ", fallback, ")"));
const numberOperand = orFallback(numberPath, ":n");
const listOperand = orFallback(listPath, ":list");

/** What may follow a target in each section; most of it fits a {@link shapedItem}. */
function actionText(section: string, target: string): fc.Arbitrary<string> {
  if (section === "REMOVE") return fc.constant(target);
  const isSet = target.endsWith("#o");
  if (section === "DELETE") return join(target, " ", isSet ? ":set" : fc.constantFrom(":set", ":any"));
  if (section === "ADD") return join(target, " ", isSet ? ":set" : fc.constantFrom(":n", ":n", ":m", ":set"));
  const right = fc.oneof(
    { arbitrary: join(numberOperand, fc.constantFrom("+", "-", " + ", " - "), numberOperand), weight: 3 },
    { arbitrary: join("list_append(", listOperand, ", ", listOperand, ")"), weight: 3 },
    { arbitrary: fc.oneof(value, join("if_not_exists(", pathText(), ", ", value, ")"), listPath, numberPath), weight: 4 },
    { arbitrary: parenthesised(numberOperand), weight: 1 },
  );
  return join(target, " = ", right);
}

function likelyUpdateText(): fc.Arbitrary<string> {
  return fc
    .constantFrom(wholeTargets, innerTargets)
    .chain((targets) =>
      fc.tuple(fc.shuffledSubarray([...targets], { minLength: 1, maxLength: 5 }), fc.array(sectionName, { minLength: 5, maxLength: 5 })),
    )
    .chain(([targets, sections]) => {
      const chosen = targets.map((target, i) => [sections[i] ?? "SET", target] as const);
      return fc.tuple(...chosen.map(([section, target]) => actionText(section, target).map((text) => [section, text] as const)));
    })
    .map((actions) => {
      const bySection = new Map<string, string[]>();
      for (const [section, text] of actions) bySection.set(section, [...(bySection.get(section) ?? []), text]);
      return [...bySection].map(([section, texts]) => `${section} ${texts.join(", ")}`).join(" ");
    });
}

const sectionName = fc.constantFrom("SET", "SET", "SET", "REMOVE", "ADD", "DELETE");

/** Any update that follows the grammar; most are refused because of their paths or types. */
function wildUpdateText(): fc.Arbitrary<string> {
  const action = (section: string): fc.Arbitrary<string> => pathText().chain((path) => actionText(section, path));
  const section = sectionName.chain((name) => join(keyword(name), " ", list(action(name), 3)));
  return fc.array(section, { minLength: 1, maxLength: 3 }).map((sections) => sections.join(" "));
}

export function updateText(): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: likelyUpdateText(), weight: 5 }, { arbitrary: wildUpdateText(), weight: 1 });
}

/** An item whose attributes have the types that most updates expect. */
export function shapedItem(): fc.Arbitrary<Item> {
  const number = fc.constantFrom(...scalars.filter((scalar) => "N" in scalar));
  const numbers = fc.array(fc.oneof({ arbitrary: number, weight: 4 }, pooledValue()), { maxLength: 4 }).map((L) => ({ L }));
  const set = fc.constantFrom(...sets);
  const map = fc.record({ a: number, b: numbers, order: set, Notes: pooledValue() }, { requiredKeys: ["a", "b"], noNullPrototype: true });
  return fc.record(
    {
      a: number,
      in_1: number,
      b: numbers,
      sized: numbers,
      c: map.map((M) => ({ M })),
      "x.y": map.map((M) => ({ M })),
      order: set,
      Notes: pooledValue(),
    },
    { requiredKeys: ["a", "b", "c"], noNullPrototype: true },
  );
}

const texts: Readonly<Record<ExpressionKind, () => fc.Arbitrary<string>>> = {
  ConditionExpression: conditionText,
  FilterExpression: conditionText,
  KeyConditionExpression: conditionText,
  ProjectionExpression: projectionText,
  UpdateExpression: updateText,
};

/** An expression that follows the grammar; what it means may still be refused. */
export function anyExpression(kind: ExpressionKind): fc.Arbitrary<ExpressionCase> {
  return withPlaceholders(texts[kind](), fc.constant([]));
}

/** Conditions on keys `pk` (S) and `sk` (N), right ones and wrong ones. */
export function keyConditionCase(): fc.Arbitrary<ExpressionCase> {
  const sort = fc.constantFrom(
    ..."sk = :n|sk < :n|:n >= sk|sk BETWEEN :n AND :m|sk <> :n|sk IN (:n)|size(sk) = :n|attribute_exists(sk)|another = :n|sk.a = :n|:n = :m".split(
      "|",
    ),
    ..."pk = :s|NOT sk = :n|sk = :n OR sk = :m|:n BETWEEN sk AND :m|sk = another|contains(sk, :n)|(sk > :n AND sk < :m)|begins_with(:s, sk)".split(
      "|",
    ),
  );
  const partition = fc.constantFrom(
    "pk = :s",
    "pk = :s",
    "pk = :s",
    ":s = pk",
    "(pk = :s)",
    "pk > :s",
    "begins_with(pk, :s)",
    "NOT pk = :s",
    "pk IN (:s)",
    "pk.a = :s",
  );
  const text = fc.oneof(
    partition,
    sort,
    join(partition, " AND ", sort),
    join(sort, " and ", partition),
    join(partition, " AND (", sort, ")"),
  );
  // An empty key value is refused for itself, not for the expression.
  return withPlaceholders(text, fc.constant([])).map(({ values, ...rest }) => ({
    ...rest,
    values: ":s" in values ? { ...values, ":s": { S: "a" } } : values,
  }));
}

const tokens = /[A-Za-z0-9_#:]+|<>|<=|>=|\s+|./gsu;
const strayTokens: readonly string[] = [
  ..."( ) [ ] , . = < > + - 0 1 007 ' \" : # AND or NOT in BETWEEN SET remove ADD order name size( foo( Size( contains( é".split(" "),
  "((",
  "))",
  "\n",
  "\u00a0",
  ":undefined",
  "#undefined",
  "_x",
  "1x",
  "[99999999999]",
  "if_not_exists(",
];

/** An expression with some tokens removed, repeated, exchanged or put in, or with placeholders that nothing uses. */
export function brokenExpression(kind: ExpressionKind): fc.Arbitrary<ExpressionCase> {
  const edit = fc.record({
    at: fc.nat(),
    what: fc.constantFrom("remove", "repeat", "swap", "insert", "replace"),
    token: fc.constantFrom(...strayTokens),
  });
  const broken = fc.tuple(texts[kind](), fc.array(edit, { maxLength: 2 })).map(([text, edits]) => {
    const parts = text.match(tokens) ?? [];
    for (const { at, what, token } of edits) {
      const i = at % (parts.length + 1);
      const here = parts[i] ?? "";
      if (what === "remove") parts.splice(i, 1);
      else if (what === "repeat") parts.splice(i, 0, here);
      else if (what === "swap") parts.splice(i, 2, parts[i + 1] ?? "", here);
      else parts.splice(i, what === "insert" ? 0 : 1, token);
    }
    return parts.join("");
  });
  // A request that only projects has no parameter for values.
  const spare = kind === "ProjectionExpression" ? ["#a"] : [":n", "#a"];
  return withPlaceholders(broken, fc.subarray(spare, { maxLength: 1 }));
}

function withPlaceholders(text: fc.Arbitrary<string>, spare: fc.Arbitrary<readonly string[]>): fc.Arbitrary<ExpressionCase> {
  return fc.tuple(text, pooledValues(), spare).map(([expression, values, extra]) => {
    const used = new Set([...(expression.match(/[#:][A-Za-z0-9_]+/g) ?? []), ...extra]);
    const chosen = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(map).filter(([key]) => used.has(key)));
    return { text: expression, names: chosen(namePlaceholders), values: chosen(values) };
  });
}

/** The case as request parameters; the service refuses empty maps. */
export function parametersOf(kind: ExpressionKind, { text, names, values }: ExpressionCase): Readonly<Record<string, unknown>> {
  return {
    [kind]: text,
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}
