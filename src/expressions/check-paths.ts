import type { Cursor } from "./cursor.ts";
import type { PathTree } from "./document.ts";
import { describePath } from "./parse-path.ts";
import type { Path } from "./tree.ts";

/** Each path ends in itself. */
type Branch = PathTree<Path>;

/**
 * Complains where of two paths one is the other or its beginning (overlap), or where one takes as a map what the other
 * takes as a list (conflict).
 */
export function checkPaths(cursor: Cursor, paths: readonly Path[]): void {
  const root: Branch = { children: new Map() };
  for (const path of paths) {
    const relation = insert(root, path);
    if (relation !== undefined) {
      const [verb, other] = relation;
      cursor.complain(
        "path",
        `Two document paths ${verb} with each other; must remove or rewrite one of these paths; path one: ${describePath(other)}, path two: ${describePath(path)}`,
      );
      return;
    }
  }
}

function insert(root: Branch, path: Path): ["overlap" | "conflict", Path] | undefined {
  let branch = root;
  for (const element of path.elements) {
    if (branch.end !== undefined) return ["overlap", branch.end];
    const [sibling] = branch.children;
    if (sibling !== undefined && typeof sibling[0] !== typeof element) return ["conflict", anyEnd(branch) ?? path];
    const child: Branch = branch.children.get(element) ?? { children: new Map() };
    branch.children.set(element, child);
    branch = child;
  }
  const other = branch.end ?? anyEnd(branch);
  if (other !== undefined) return ["overlap", other];
  branch.end = path;
  return undefined;
}

function anyEnd(branch: Branch): Path | undefined {
  for (let at: Branch | undefined = branch; at !== undefined; [at] = at.children.values()) {
    if (at.end !== undefined) return at.end;
  }
  return undefined;
}
