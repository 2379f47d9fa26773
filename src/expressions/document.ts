import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Path, PathElement } from "./tree.ts";

/** An item as expressions see it: attribute name → AttributeValue. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The value at a path, `undefined` where the item holds none. */
export function valueAt(item: Item, { elements }: Pick<Path, "elements">): AttributeValue | undefined {
  const [attribute, ...rest] = elements;
  let value = ownValue(item, attribute);
  for (const element of rest) value = value === undefined ? undefined : childOf(value, element);
  return value;
}

function childOf(value: AttributeValue, element: PathElement): AttributeValue | undefined {
  if (typeof element === "number") return value.L?.[element];
  return value.M === undefined ? undefined : ownValue(value.M, element);
}

/** The own member of a map, which may have been made with a prototype. */
export function ownValue(map: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** A map without prototype, so that a key may be `__proto__`. */
export function mapOf(entries: Iterable<readonly [string, AttributeValue]>): Record<string, AttributeValue> {
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (const [name, value] of entries) map[name] = value;
  return map;
}

/** Paths as a tree: what ends at an element, and what goes on below it. */
export interface PathTree<T> {
  readonly children: Map<PathElement, PathTree<T>>;
  end?: T;
}

/** Builds the tree of paths that neither overlap nor conflict. */
export function pathTree<T>(entries: Iterable<readonly [Path, T]>): PathTree<T> {
  const root: PathTree<T> = { children: new Map() };
  for (const [path, end] of entries) {
    let branch = root;
    for (const element of path.elements) {
      const child: PathTree<T> = branch.children.get(element) ?? { children: new Map() };
      branch.children.set(element, child);
      branch = child;
    }
    branch.end = end;
  }
  return root;
}

/** The branches below that are list indexes, ascending. */
export function indexBranches<T>({ children }: PathTree<T>): readonly (readonly [number, PathTree<T>])[] {
  const branches: [number, PathTree<T>][] = [];
  for (const [element, branch] of children) if (typeof element === "number") branches.push([element, branch]);
  return branches.sort(([a], [b]) => a - b);
}

/** The branches below that are map keys. */
export function keyBranches<T>({ children }: PathTree<T>): readonly (readonly [string, PathTree<T>])[] {
  const branches: [string, PathTree<T>][] = [];
  for (const [element, branch] of children) if (typeof element === "string") branches.push([element, branch]);
  return branches;
}
