import { createHash } from "node:crypto";
import { dynamodbException } from "./service-exception.ts";
import { printWire, type WireBody } from "./wire.ts";

const lifetimeMilliseconds = 10 * 60 * 1000;

interface Remembered {
  readonly digest: string;
  readonly answer: WireBody;
  readonly since: number;
}

/** The client request tokens of one Region's transactions: for ten minutes the same token gives the same answer. */
export class IdempotencyTokens {
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The answer that a request with this token was given, or undefined. Throws the service's
   * IdempotentParameterMismatchException if the token came with other parameters.
   */
  answerFor(token: string, request: WireBody): WireBody | undefined {
    this.#forgetOld();
    const remembered = this.#remembered.get(token);
    if (remembered === undefined) return undefined;
    if (remembered.digest === digestOf(request)) return remembered.answer;
    throw dynamodbException(
      "IdempotentParameterMismatchException",
      "The request token was already used with different parameters: for ten minutes a token stands for one request",
    );
  }

  remember(token: string, request: WireBody, answer: WireBody): void {
    this.#remembered.set(token, { digest: digestOf(request), answer, since: this.#now() });
  }

  #forgetOld(): void {
    // A Map keeps the order of insertion, so the oldest come first.
    for (const [token, { since }] of this.#remembered) {
      if (this.#now() - since < lifetimeMilliseconds) return;
      this.#remembered.delete(token);
    }
  }
}

/** ReturnConsumedCapacity and the like change the answer, not what is written. */
function digestOf(request: WireBody): string {
  return createHash("sha256").update(printWire(request.TransactItems)).digest("base64");
}
