/**
 * The attributes of random items, few enough that operations meet what others wrote. Keys are `pk` and perhaps `sk`.
 * `__proto__` is asked for, but in no item: the SDK (3.1164) loses such attributes when it reads, and fails at errors with them.
 */
export const freeAttributes: readonly string[] = [
  "a",
  "in_1",
  "b",
  "sized",
  "c",
  "x.y",
  "order",
  "Notes",
  "ordering",
  "9 ü",
  "constructor",
  "absent_1",
];

/** Key attributes of the indexes; an index of the service cannot read what is encrypted. */
export const indexAttributes: readonly string[] = ["tag", "group", "score"];

/** In every item, since some schemas put it into the encryption context. */
export const contextAttribute = "ctx";

/** Placeholders for names; a request carries those that its expressions use. */
export const namePlaceholders: Readonly<Record<string, string>> = {
  "#a": "a",
  "#b": "b",
  "#o": "order",
  "#d": "x.y",
  "#9": "9 ü",
  "#k": "constructor",
  "#p": "__proto__",
  "#g": "group",
};

/** Paths as expressions spell them, by the type that random items mostly hold there. */
export const paths = {
  number: ["a", "#a", "in_1", "b[0]", "b[1]", "sized[2]", "c.a", "#d.#a", "score"],
  list: ["b", "#b", "sized", "c.b", "#d.#b"],
  map: ["c", "#d"],
  set: ["#o", "c.#o"],
  string: ["tag", "#g", "#k", "ordering"],
  any: ["Notes", "#9", "c.#p", "ctx", "c.Notes", "b[3]", "absent_1", "c.absent_1.a", "pk"],
} as const;

export type PathType = keyof typeof paths;

/** What may be written: whole attributes and places inside of them. */
export const writable = {
  number: ["a", "in_1", "a", "in_1", "a", "b[0]", "b[9]", "c.a", "#d.#a", "score"],
  list: ["b", "sized", "b", "sized", "b", "c.b", "#d.#b"],
  set: ["#o", "#o", "#o", "c.#o"],
  string: ["tag", "#g", "#k", "ordering", "c.#k"],
  any: ["Notes", "#9", "Notes", "#9", "c.Notes", "sized[7]", "ordering", "absent_1"],
} as const;

/** The name that a path begins with, without its placeholder. */
export function rootOf(path: string): string {
  const [root = path] = path.split(/[.[]/);
  return namePlaceholders[root] ?? root;
}
