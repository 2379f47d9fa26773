import { displayName } from "../errors/index.ts";
import type { Cursor } from "./cursor.ts";
import { describeToken, type Token } from "./lexer.ts";
import { limits } from "./limits.ts";
import { isReservedWord } from "./reserved-words.ts";
import type { Path, PathElement, Value } from "./tree.ts";

/** `name(.name | [index])*`, where a name may be a placeholder. */
export function parsePath(cursor: Cursor): Path {
  const attribute = parseName(cursor);
  const elements: [string, ...PathElement[]] = [attribute.name];
  let { spelling } = attribute;
  for (;;) {
    if (cursor.takeIf("symbol", ".")) {
      const key = parseName(cursor);
      elements.push(key.name);
      spelling += `.${key.spelling}`;
    } else if (cursor.takeIf("symbol", "[")) {
      const token = cursor.expect("index");
      const { text } = token;
      const index = Number(text);
      if (index > limits.listIndex) cursor.complain("path", `List index is not within the allowable range; index: ${describeToken(token)}`);
      elements.push(index);
      cursor.expect("symbol", "]");
      spelling += `[${text}]`;
    } else break;
  }
  if (elements.length > limits.pathElements) {
    cursor.complain("path", `The document path has too many nesting levels; nesting levels: ${elements.length}`);
  }
  return { kind: "path", elements, spelling };
}

function parseName(cursor: Cursor): { readonly name: string; readonly spelling: string } {
  if (cursor.is("namePlaceholder")) {
    const token = cursor.take();
    return { name: resolveName(cursor, token), spelling: token.text };
  }
  const { text } = cursor.expect("name");
  if (isReservedWord(text)) {
    cursor.complain("reserved", `Attribute name is a reserved keyword; reserved keyword: ${text}`);
  }
  return { name: text, spelling: text };
}

function resolveName(cursor: Cursor, placeholder: Token): string {
  const name = cursor.placeholders.name(placeholder.text);
  if (name === undefined) {
    const reason = "An expression attribute name used in the document path is not defined";
    cursor.complain("placeholder", `${reason}; attribute name: ${describeToken(placeholder)}`);
  }
  return name ?? "";
}

export function parseValue(cursor: Cursor): Value {
  const token = cursor.expect("valuePlaceholder");
  const value = cursor.placeholders.value(token.text);
  if (value === undefined) {
    const reason = "An expression attribute value used in expression is not defined";
    cursor.complain("placeholder", `${reason}; attribute value: ${describeToken(token)}`);
  }
  return { kind: "value", value: value ?? { NULL: true }, placeholder: token.text };
}

/** The service's way to show a path in an error: `[a, [0], b]`; names in the form that errors may hold. */
export function describePath({ elements }: Path): string {
  return `[${elements.map((element) => (typeof element === "number" ? `[${displayName(String(element))}]` : displayName(element))).join(", ")}]`;
}
