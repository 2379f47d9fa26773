import {
  type ArraySchema,
  type ExactOptionalSchema,
  type GenericPipeAction,
  type GenericSchema,
  type ObjectEntries,
  type PicklistSchema,
  pipe,
  type RecordSchema,
  type StrictObjectSchema,
  safeParse,
  type UnionSchema,
  unknown,
} from "valibot";
import { readComplaint } from "./leaf.ts";
import { anyOf, type Path, type Problems, quote } from "./problems.ts";
import { suggest } from "./suggest.ts";

/** The containers that a definition is made of; whatever else it holds is a leaf, which valibot checks by itself. */
type Container =
  | StrictObjectSchema<ObjectEntries, undefined>
  | RecordSchema<GenericSchema<string, string | number | symbol>, GenericSchema, undefined>
  | ArraySchema<GenericSchema, undefined>
  | UnionSchema<GenericSchema[], undefined>
  | ExactOptionalSchema<GenericSchema, undefined>
  | PicklistSchema<string[], undefined>;

/**
 * Reads a value as a definition says and gives a copy, with a Map for every record. What is wrong is reported and is
 * `undefined` in the copy, so that the rules that follow can still look at the rest.
 *
 * valibot does the leaves. The containers are walked here because its own records leave out attributes that are called
 * `__proto__` or `constructor`, its objects know an inherited `toString`, and it stops at the first unknown property.
 */
export function readDefinition(definition: GenericSchema, value: unknown, path: Path, problems: Problems): unknown {
  const node = definition as Container;
  switch (node.type) {
    case "exact_optional":
      return readDefinition(node.wrapped, value, path, problems);
    case "union":
      return readDefinition(optionFor(node.options, value), value, path, problems);
    case "strict_object":
      return readObject(node, value, path, problems);
    case "record":
      return readRecord(node, value, path, problems);
    case "array":
      return readArray(node, value, path, problems);
    case "picklist":
      return readWord(node.options, value, path, problems);
    default:
      return readLeaf(definition, value, path, problems);
  }
}

function readObject(node: StrictObjectSchema<ObjectEntries, undefined>, value: unknown, path: Path, problems: Problems): unknown {
  if (!isPlainObject(value)) return wrongType("an object", value, path, problems);
  const known = Object.keys(node.entries);
  const misspelt = new Set<string>();
  for (const name of Object.keys(value)) {
    if (problems.full) return undefined;
    if (Object.hasOwn(node.entries, name)) continue;
    const meant = suggest(name, known);
    if (meant !== undefined) misspelt.add(meant);
    problems.report([...path, name], `is not a property of ${ownerOf(path, problems)}`, remedyOf(name, meant, known));
  }
  const copy: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(node.entries) as [string, GenericSchema][]) {
    // A property that is given as undefined in code is absent, as it would be in JSON.
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    if (own !== undefined) copy[name] = readDefinition(definition, own, [...path, name], problems);
    else if (definition.type !== "exact_optional" && !misspelt.has(name))
      problems.report([...path, name], "is missing", `add ${quote(name)}`);
  }
  return copy;
}

/** What a member of these lists is called: the number that it has there says nothing to the author. */
const members: ReadonlyMap<string, string> = new Map([
  ["parts", "a virtual field's part"],
  ["transforms", "a transform"],
  ["encrypted", "an encrypted part"],
  ["signed", "a signed part"],
  ["constructors", "a constructor's part"],
  ["children", "a child keyring"],
]);

function ownerOf(path: Path, problems: Problems): string {
  const names = path.filter((step) => typeof step === "string");
  const [name] = names.slice(-1);
  if (name === undefined) return problems.subject;
  if (typeof path.at(-1) === "string") return quote(name);
  return members.get(name) ?? `a member of ${quote(name)}`;
}

function remedyOf(name: string, meant: string | undefined, known: readonly string[]): string {
  if (meant !== undefined) return `write ${quote(meant)} instead`;
  // `import * as customers from "./customers.table.json"`
  if (name === "default") return "import the JSON module's default export, not its namespace";
  return `leave it out; what exists is ${anyOf(known)}`;
}

function readRecord(node: Extract<Container, { type: "record" }>, value: unknown, path: Path, problems: Problems): unknown {
  if (!isPlainObject(value)) return wrongType("an object", value, path, problems);
  if (!holds(node, value, path, problems)) return undefined;
  const copy = new Map<string, unknown>();
  for (const name of Object.keys(value)) {
    if (problems.full) return copy;
    const at = [...path, name];
    readLeaf(node.key, name, at, problems);
    copy.set(name, readDefinition(node.value, value[name], at, problems));
  }
  return copy;
}

function readArray(node: Extract<Container, { type: "array" }>, value: unknown, path: Path, problems: Problems): unknown {
  if (!Array.isArray(value)) return wrongType("an array", value, path, problems);
  if (!holds(node, value, path, problems)) return undefined;
  return Array.from(value, (item, index) => (problems.full ? undefined : readDefinition(node.item, item, [...path, index], problems)));
}

function readWord(options: readonly string[], value: unknown, path: Path, problems: Problems): unknown {
  if (typeof value !== "string") return wrongType(anyOf(options), value, path, problems);
  if (options.includes(value)) return value;
  const meant = suggest(value, options);
  problems.report(path, `is ${quote(value)}`, `write ${meant === undefined ? anyOf(options) : quote(meant)} instead`);
  return undefined;
}

function readLeaf(node: GenericSchema, value: unknown, path: Path, problems: Problems): unknown {
  const result = safeParse(node, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues) {
    if (issue.kind === "schema") return wrongType(`a ${issue.expected ?? "value"}`, value, path, problems);
    const { problem, remedy } = readComplaint(issue.message);
    problems.report(path, problem, remedy);
  }
  return undefined;
}

/** The bounds that a container's pipe sets on its size. */
function holds(node: GenericSchema, value: unknown, path: Path, problems: Problems): boolean {
  const actions = boundsOf(node);
  let sound = true;
  for (const action of actions) {
    const result = safeParse(pipe(unknown(), action), value);
    if (result.success) continue;
    const { problem, remedy } = readComplaint(result.issues[0].message);
    problems.report(path, problem, remedy);
    sound = false;
  }
  return sound;
}

/** Also those of a pipe inside the pipe. */
function boundsOf(node: GenericSchema): readonly GenericPipeAction[] {
  if (!("pipe" in node)) return [];
  const [inner, ...actions] = node.pipe as readonly [GenericSchema, ...GenericPipeAction[]];
  return [...boundsOf(inner), ...actions.filter(({ kind }) => kind === "validation")];
}

/** The form of a union that the value was probably meant to be: an object, an array, or anything else. */
function optionFor(options: readonly GenericSchema[], value: unknown): GenericSchema {
  const shapes: readonly string[] = Array.isArray(value)
    ? ["array"]
    : typeof value === "object" && value !== null
      ? ["strict_object", "record"]
      : [];
  const isLeaf = ({ type }: GenericSchema): boolean => !["array", "strict_object", "record"].includes(type);
  return options.find(({ type }) => shapes.includes(type)) ?? options.find(isLeaf) ?? unknown();
}

/** An object literal or parsed JSON, of this realm or another; no class, and none whose prototype was set by `{ __proto__: … }`. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Tells the type that was found, never the value, which may not have been meant for a schema at all. */
function wrongType(expected: string, value: unknown, path: Path, problems: Problems): undefined {
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : nameOfType(value);
  problems.report(path, `is ${found}`, `write ${expected} instead`);
  return undefined;
}

function nameOfType(value: unknown): string {
  const type = typeof value;
  if (type === "undefined") return "undefined";
  if (type === "object") return isPlainObject(value) ? "an object" : "an object with a prototype of its own";
  return `a ${type}`;
}
