import { encodeUtf8 } from "../bytes/index.ts";
import type { DynasealError } from "../errors/index.ts";
import { invalid } from "./invalid.ts";
import { describeToken, type Token, tokenize } from "./lexer.ts";
import { limits } from "./limits.ts";
import type { Placeholders } from "./placeholders.ts";
import type { ExpressionKind } from "./tree.ts";

/** What can be wrong with an expression that has the right syntax, in the order in which the service looks for it. */
const complaintOrder = [
  "parentheses",
  "function",
  "misuse",
  "section",
  "reserved",
  "placeholder",
  "count",
  "path",
  "operand",
  "limit",
] as const;
type Complaint = (typeof complaintOrder)[number];

/**
 * A place in the tokens of one expression. Wrong syntax is thrown at once; complaints about what the syntax means are
 * kept until the end, where the first one in the service's order is thrown.
 */
export class Cursor {
  readonly kind: ExpressionKind;
  readonly placeholders: Placeholders;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #complaints = new Map<Complaint, string>();
  readonly #parenthesised = new WeakSet<object>();
  #at = 0;
  #operators = 0;
  #depth = 0;

  /** @throws ERR_EXPRESSION_INVALID where the text is empty or too long */
  constructor(kind: ExpressionKind, text: string, placeholders: Placeholders) {
    this.kind = kind;
    this.placeholders = placeholders;
    this.#text = text;
    if (text === "") throw this.invalid("The expression can not be empty;");
    const size = encodeUtf8(text)?.length ?? text.length;
    if (size > limits.expressionBytes) {
      throw this.invalid(`Expression size has exceeded the maximum allowed size; expression size: ${size}`);
    }
    this.#tokens = tokenize(text);
  }

  get next(): Token {
    return this.#token(this.#at);
  }

  /** Whether the token after the next one is this symbol. */
  isFollowedBy(symbol: string): boolean {
    const token = this.#token(this.#at + 1);
    return token.kind === "symbol" && token.text === symbol;
  }

  is(kind: Token["kind"], text?: string): boolean {
    return this.next.kind === kind && (text === undefined || this.next.text.toUpperCase() === text);
  }

  take(): Token {
    const token = this.next;
    this.#at++;
    return token;
  }

  /** Takes the next token if it is this keyword or symbol. */
  takeIf(kind: "keyword" | "symbol", text: string): boolean {
    const found = this.is(kind, text);
    if (found) this.#at++;
    return found;
  }

  /** @throws ERR_EXPRESSION_INVALID (syntax error) */
  expect(kind: Token["kind"], text?: string): Token {
    if (!this.is(kind, text)) throw this.syntaxError();
    return this.take();
  }

  /** One or more of what `parse` reads, separated by commas. */
  list<T>(parse: () => T): [T, ...T[]] {
    const items: [T, ...T[]] = [parse()];
    while (this.takeIf("symbol", ",")) items.push(parse());
    return items;
  }

  /** `( … )`. A pair directly inside another pair is redundant, which the service refuses. */
  parenthesised<T extends object>(parse: () => T): T {
    this.expect("symbol", "(");
    const inner = this.nested(parse);
    this.expect("symbol", ")");
    if (this.#parenthesised.has(inner)) this.complain("parentheses", "The expression has redundant parentheses;");
    this.#parenthesised.add(inner);
    return inner;
  }

  /** Bounds the recursion: hostile input must not exhaust the stack. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > limits.parserDepth) throw this.#tooManyOperators();
    const result = parse();
    this.#depth--;
    return result;
  }

  countOperator(): void {
    if (++this.#operators === limits.operators + 1) this.complain("limit", this.#operatorReason());
  }

  /** Only the first complaint of each sort is kept. */
  complain(complaint: Complaint, reason: string): void {
    if (!this.#complaints.has(complaint)) this.#complaints.set(complaint, reason);
  }

  /** @throws ERR_EXPRESSION_INVALID where tokens are left or something was complained of */
  finish(): void {
    this.expect("end");
    for (const complaint of complaintOrder) {
      const reason = this.#complaints.get(complaint);
      if (reason !== undefined) throw this.invalid(reason);
    }
  }

  invalid(reason: string): DynasealError {
    return invalid(`Invalid ${this.kind}: ${reason}`);
  }

  /** Says which sort of token stands where none of it may: the service quotes the text, which might hold a value. */
  syntaxError(): DynasealError {
    return this.invalid(`Syntax error; token: ${describeToken(this.next)}`);
  }

  #token(index: number): Token {
    return this.#tokens[Math.min(index, this.#tokens.length - 1)] ?? { kind: "end", text: "<EOF>", start: this.#text.length };
  }

  #operatorReason(): string {
    return `The expression contains too many operators; operator count: ${limits.operators + 1}`;
  }

  #tooManyOperators(): DynasealError {
    return this.invalid(this.#operatorReason());
  }
}
