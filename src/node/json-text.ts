import { DynasealError } from "../errors/index.ts";

/** Deeper nesting than any file of ours has; bounds the recursion. */
const maximumDepth = 64;

/**
 * Refuses a text that is not JSON, or that names a property of one object twice.
 *
 * `JSON.parse` tells the place on some versions of Node only, and of two properties with one name it keeps the last:
 * a second entry for an attribute could take back the first one's encryption unseen.
 *
 * @throws ERR_SCHEMA_SYNTAX with line and column, counted from 1; columns count UTF-16 code units, as editors do
 * @see RFC 8259
 */
export function checkJsonText(text: string, file: string): void {
  new JsonScanner(text, file).document();
}

const whitespace = /[\t\n\r ]*/y;
const literal = /(?:true|false|null)(?![\w$])|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.$])/y;
/** Any code unit but quote, backslash and what stands before the space; or an escape. */
const quoted = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class JsonScanner {
  readonly #text: string;
  readonly #file: string;
  #offset = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  document(): void {
    this.#value(0);
    if (this.#offset < this.#text.length) this.#fail("the text goes on after the end of its value");
  }

  #value(depth: number): void {
    if (depth > maximumDepth) this.#fail(`more than ${maximumDepth} levels are nested`);
    this.#take(whitespace);
    const next = this.#text[this.#offset];
    if (next === "{") this.#object(depth);
    else if (next === "[") this.#array(depth);
    else if (next === '"') this.#string();
    else if (this.#take(literal) === undefined) this.#fail(`a value is expected, ${this.#found()}`);
    this.#take(whitespace);
  }

  #object(depth: number): void {
    const names = new Set<string>();
    this.#entries("}", () => {
      const start = this.#offset;
      if (this.#text[start] !== '"') this.#fail(`a name in double quotes is expected, ${this.#found()}`);
      const name = this.#string();
      if (names.has(name)) this.#fail(`the name ${JSON.stringify(name)} stands here a second time`, start);
      names.add(name);
      this.#take(whitespace);
      if (this.#text[this.#offset] !== ":") this.#fail(`a colon is expected, ${this.#found()}`);
      this.#offset++;
      this.#value(depth + 1);
    });
  }

  #array(depth: number): void {
    this.#entries("]", () => this.#value(depth + 1));
  }

  /** From the opening bracket to the closing one; `entry` starts behind white space and leaves none behind itself. */
  #entries(close: string, entry: () => void): void {
    this.#offset++;
    this.#take(whitespace);
    if (this.#text[this.#offset] === close) {
      this.#offset++;
      return;
    }
    for (;;) {
      entry();
      const next = this.#text[this.#offset];
      if (next !== close && next !== ",") this.#fail(`a comma or ${close} is expected, ${this.#found()}`);
      const comma = this.#offset++;
      if (next === close) return;
      this.#take(whitespace);
      if (this.#text[this.#offset] === close) this.#fail("a comma stands after the last entry", comma);
    }
  }

  #string(): string {
    const start = this.#offset;
    const taken = this.#take(quoted);
    if (taken === undefined) this.#fail("a text is not closed on its line, or holds an escape that JSON does not have", start);
    return JSON.parse(taken) as string;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const taken = pattern.exec(this.#text)?.[0];
    this.#offset += taken?.length ?? 0;
    return taken;
  }

  #found(): string {
    const next = this.#text.codePointAt(this.#offset);
    return next === undefined ? "the text ends" : `found ${JSON.stringify(String.fromCodePoint(next))}`;
  }

  #fail(problem: string, offset = this.#offset): never {
    const before = this.#text.slice(0, offset).split(/\r\n|\r|\n/);
    const details = { file: this.#file, line: before.length, column: (before.at(-1) ?? "").length + 1, problem };
    throw new DynasealError("ERR_SCHEMA_SYNTAX", { details });
  }
}
