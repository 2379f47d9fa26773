import fc from "fast-check";

/** One change of an input. Places are fractions of its length, so that a change means something to any input. */
export type Mutation =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "set"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: "splice"; readonly at: number; readonly other: number }
  /** Of JSON: one node becomes another. Inputs that are not JSON stay. */
  | { readonly kind: "node"; readonly at: number; readonly become: NodeChange };

/** What becomes of a node of JSON: another value, nothing, itself many times over, or deep inside others. */
type NodeChange = { readonly value: string } | { readonly rename: string } | "removed" | "repeated" | "buried";

/** Values of other kinds than were asked for, and names that JavaScript gives a meaning. */
const strangers = [
  "null",
  "true",
  "0",
  "-1",
  "1e400",
  '""',
  '"\\ud800"',
  "[]",
  "{}",
  "[null]",
  '{"__proto__":1}',
  '{"S":1}',
  '{"M":null}',
  '{"L":[{}]}',
];

/** No input grows beyond this. */
export const longestInput = 100_000;

/** Where parsers stumble: counts and lengths at their edges, big endian. */
const edges = ["00", "01", "7f", "80", "ff", "0000", "0001", "7fff", "8000", "ffff", "00000000", "00000001", "7fffffff", "ffffffff"];

/**
 * Changes of inputs.
 *
 * @param words what the inputs of this kind are made of
 * @param json whether they are JSON, which hardly survives a change of its bytes
 */
export function anyMutation(words: readonly string[], json: boolean): fc.Arbitrary<Mutation> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const bytes = fc.oneof(
    fc.constantFrom(...edges).map((hex) => Uint8Array.from(Buffer.from(hex, "hex"))),
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    ...(words.length === 0 ? [] : [fc.constantFrom(...words).map((word) => Uint8Array.from(Buffer.from(word)))]),
  );
  const length = fc.integer({ min: 1, max: 40 });
  const become = fc.oneof(
    fc.constantFrom(...strangers, ...words.map((word) => JSON.stringify(word))).map((value) => ({ value })),
    fc.constantFrom("__proto__", "constructor", "S", "", ...words).map((rename) => ({ rename })),
    fc.constantFrom("removed" as const, "repeated" as const, "buried" as const),
  );
  const node = fc.record({ kind: fc.constant("node" as const), at, become });
  return fc.oneof(
    ...(json ? [{ weight: 30, arbitrary: node }] : []),
    fc.record({ kind: fc.constant("flip" as const), at, bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant("set" as const), at, bytes }),
    fc.record({ kind: fc.constant("insert" as const), at, bytes }),
    fc.record({ kind: fc.constant("remove" as const), at, length }),
    fc.record({ kind: fc.constant("repeat" as const), at, length, times: fc.oneof(fc.constant(2), fc.integer({ min: 2, max: 2000 })) }),
    fc.record({ kind: fc.constant("splice" as const), at, other: fc.nat() }),
  );
}

/** The input after all changes. */
export function mutated(input: Uint8Array, mutations: readonly Mutation[], corpus: readonly Uint8Array[]): Uint8Array {
  return mutations.reduce((bytes, mutation) => apply(bytes, mutation, corpus).subarray(0, longestInput), input);
}

function apply(input: Uint8Array, mutation: Mutation, corpus: readonly Uint8Array[]): Uint8Array {
  const at = Math.floor(mutation.at * input.length);
  const [before, after] = [input.subarray(0, at), input.subarray(at)];
  switch (mutation.kind) {
    case "flip":
      return Uint8Array.from(input, (byte, index) => (index === at ? byte ^ (1 << mutation.bit) : byte));
    case "set":
      return Buffer.concat([before, mutation.bytes, after.subarray(mutation.bytes.length)]);
    case "insert":
      return Buffer.concat([before, mutation.bytes, after]);
    case "remove":
      return Buffer.concat([before, after.subarray(mutation.length)]);
    case "repeat": {
      const piece = after.subarray(0, mutation.length);
      const times = Math.min(mutation.times, Math.floor(longestInput / (piece.length || 1)));
      return Buffer.concat([before, ...Array.from({ length: times }, () => piece), after.subarray(mutation.length)]);
    }
    case "splice": {
      const other = corpus[mutation.other % corpus.length] ?? new Uint8Array();
      return Buffer.concat([before, other.subarray(Math.floor(mutation.at * other.length))]);
    }
    case "node":
      return withNode(input, mutation.at, mutation.become);
  }
}

function withNode(input: Uint8Array, at: number, become: NodeChange): Uint8Array {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(input).toString());
  } catch {
    return input;
  }
  const places = placesIn(root);
  const place = places[Math.floor(at * places.length)];
  if (place === undefined) return input;
  const { parent, name } = place;
  const value = parent[name];
  const define = (key: string, content: unknown): void => {
    Object.defineProperty(parent, key, { value: content, enumerable: true, configurable: true, writable: true });
  };
  if (become === "removed") Array.isArray(parent) ? parent.splice(Number(name), 1) : delete parent[name];
  else if (become === "repeated")
    define(
      name,
      Array.from({ length: 200 }, () => value),
    );
  else if (become === "buried")
    define(
      name,
      Array.from({ length: 200 }).reduce<unknown>((inner, _, index) => (index % 2 === 0 ? { M: { a: inner } } : { L: [inner] }), value),
    );
  else if ("rename" in become) {
    delete parent[name];
    define(become.rename, value);
  } else define(name, JSON.parse(become.value));
  return Uint8Array.from(Buffer.from(JSON.stringify(root)));
}

/** Every member and element below a value. */
function placesIn(value: unknown): { readonly parent: Record<string, unknown>; readonly name: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((name) => [{ parent, name }, ...placesIn(parent[name])]);
}
