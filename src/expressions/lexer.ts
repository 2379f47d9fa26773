/** A token of an expression with its place in the text. `end` closes every list of tokens. */
export interface Token {
  readonly kind: "name" | "namePlaceholder" | "valuePlaceholder" | "index" | "keyword" | "symbol" | "unknown" | "end";
  readonly text: string;
  /** UTF-16 code units from the beginning of the expression. */
  readonly start: number;
}

/** Words that the grammar itself uses, in upper case. They are whole tokens: `order` or `inner` never begin with one. */
const keywords: ReadonlySet<string> = new Set(["AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"]);

const pattern =
  /(?<space>[ \t\r\n]+)|(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<namePlaceholder>#[A-Za-z0-9_]+)|(?<valuePlaceholder>:[A-Za-z0-9_]+)|(?<index>0|[1-9][0-9]*)|(?<symbol><>|<=|>=|[=<>()[\],.+-])/y;

/**
 * Cuts an expression into tokens. Each token takes as many characters as it can, so a name is one token whatever it
 * begins with. A character that begins no token becomes `unknown` and ends the list: no grammar accepts it.
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match?.groups === undefined) {
      tokens.push({ kind: "unknown", text: String.fromCodePoint(text.codePointAt(at) ?? 0), start: at });
      break;
    }
    if (match.groups.space === undefined) tokens.push({ kind: kindOf(match.groups, match[0]), text: match[0], start: at });
    at = pattern.lastIndex;
  }
  tokens.push({ kind: "end", text: "<EOF>", start: text.length });
  return tokens;
}

const sorts: Readonly<Record<Exclude<Token["kind"], "keyword" | "symbol">, string>> = {
  name: "a name",
  namePlaceholder: "a placeholder of a name",
  valuePlaceholder: "a placeholder of a value",
  index: "a number",
  unknown: "a character that begins no token",
  end: "the end of the expression",
};

/**
 * A token by its sort and its place, counted from 1. Words and signs of the grammar are shown as they are; the text of
 * any other might be a value that was written into the expression.
 */
export function describeToken({ kind, text, start }: Token): string {
  const sort = kind === "keyword" ? text.toUpperCase() : kind === "symbol" ? `"${text}"` : sorts[kind];
  return kind === "end" ? sort : `${sort} at position ${start + 1}`;
}

function kindOf(groups: Readonly<Record<string, string | undefined>>, text: string): Token["kind"] {
  if (groups.name !== undefined) return keywords.has(text.toUpperCase()) ? "keyword" : "name";
  if (groups.namePlaceholder !== undefined) return "namePlaceholder";
  if (groups.valuePlaceholder !== undefined) return "valuePlaceholder";
  return groups.index !== undefined ? "index" : "symbol";
}
