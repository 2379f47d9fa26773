import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Item, indexBranches, keyBranches, mapOf, ownValue, type PathTree, pathTree } from "./document.ts";
import type { Path } from "./tree.ts";

/**
 * The part of an item that the paths name, as the service returns it: what is missing is left out, and the chosen
 * elements of a list stand close together in their old order.
 *
 * @param paths paths that neither overlap nor conflict, as a parsed projection holds them
 * @returns a map without prototype; the values are the item's own
 * @see Amazon DynamoDB Developer Guide "Using projection expressions in DynamoDB"
 */
export function applyProjection(paths: readonly Path[], item: Item): Record<string, AttributeValue> {
  return projectMap(item, pathTree(paths.map((path) => [path, path])));
}

function projectMap(map: Item, tree: PathTree<Path>): Record<string, AttributeValue> {
  const projected: (readonly [string, AttributeValue])[] = [];
  for (const [name, branch] of keyBranches(tree)) {
    const value = projectValue(ownValue(map, name), branch);
    if (value !== undefined) projected.push([name, value]);
  }
  return mapOf(projected);
}

function projectValue(value: AttributeValue | undefined, tree: PathTree<Path>): AttributeValue | undefined {
  if (value === undefined || tree.end !== undefined) return value;
  if (value.L !== undefined) {
    const { L: list } = value;
    const elements = indexBranches(tree).map(([index, branch]) => projectValue(list[index], branch));
    const present = elements.filter((element) => element !== undefined);
    return present.length === 0 ? undefined : { L: present };
  }
  if (value.M === undefined) return undefined;
  const members = projectMap(value.M, tree);
  return Object.keys(members).length === 0 ? undefined : { M: members };
}
