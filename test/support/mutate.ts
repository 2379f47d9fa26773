/** Every object that can be reached from a value, typed arrays and their buffers included. */
export function reachableObjects(root: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof root !== "object" || root === null || found.has(root)) return found;
  found.add(root);
  if (root instanceof Uint8Array) return found.add(root.buffer);
  if (root instanceof Set) for (const member of root) reachableObjects(member, found);
  for (const member of Object.values(root)) reachableObjects(member, found);
  return found;
}

/** Changes all that an application could: bytes are overwritten, texts replaced, members dropped and added. */
export function mutateEverything(root: unknown): void {
  for (const object of reachableObjects(root)) {
    if (object instanceof Uint8Array) object.fill(0xee);
    else if (Array.isArray(object)) object.splice(0, object.length, "changed", null);
    else if (object instanceof Set) object.clear();
    else if (!(object instanceof ArrayBuffer)) changeMembers(object as Record<string, unknown>);
  }
}

function changeMembers(object: Record<string, unknown>): void {
  for (const [index, name] of Object.keys(object).entries()) {
    if (index % 3 === 2) delete object[name];
    else object[name] = index % 3 === 1 ? null : "changed";
  }
  object["added"] = { S: "changed" };
}
