/** A row, or the body of a request, as one text in which binary stands as it is, a character for each byte. */
export function wireText(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (Array.isArray(value)) return value.map(wireText).join("\n");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([name, member]) => `${name}: ${binaryNames.has(name) ? decoded(member) : wireText(member)}`)
      .join("\n");
  }
  return String(value);
}

/** Members of an AttributeValue that hold base64 in a request's JSON. */
const binaryNames: ReadonlySet<string> = new Set(["B", "BS"]);

function decoded(value: unknown): string {
  if (Array.isArray(value)) return value.map(decoded).join("\n");
  return typeof value === "string" ? `${value} ${Buffer.from(value, "base64").toString("latin1")}` : wireText(value);
}
