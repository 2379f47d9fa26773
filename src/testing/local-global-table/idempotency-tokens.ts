import { createHash } from "node:crypto";
import { dynamodbException } from "./service-exception.ts";
import { printWire, type WireBody } from "./wire.ts";

const lifetimeMilliseconds = 10 * 60 * 1000;

/** The client request tokens of one Region's transactions: for ten minutes a token stands for one request. */
export class IdempotencyTokens {
  readonly #now: () => number;
  readonly #spent = new Map<string, { readonly digest: string; readonly since: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Whether a request under this token has been carried out. Throws the service's IdempotentParameterMismatchException
   * if it was another one.
   */
  isSpent(token: string, request: WireBody): boolean {
    this.#forgetOld();
    const spent = this.#spent.get(token);
    if (spent === undefined || spent.digest === digestOf(request)) return spent !== undefined;
    throw dynamodbException(
      "IdempotentParameterMismatchException",
      "The request token was already used with different parameters: for ten minutes a token stands for one request",
    );
  }

  spend(token: string, request: WireBody): void {
    this.#spent.set(token, { digest: digestOf(request), since: this.#now() });
  }

  #forgetOld(): void {
    // A Map keeps the order of insertion, so the oldest come first.
    for (const [token, { since }] of this.#spent) {
      if (this.#now() - since < lifetimeMilliseconds) return;
      this.#spent.delete(token);
    }
  }
}

/** ReturnConsumedCapacity and the like may differ: they change the answer, not what is written. */
function digestOf(request: WireBody): string {
  return createHash("sha256").update(printWire(request.TransactItems)).digest("base64");
}
