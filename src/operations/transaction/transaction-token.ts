import { IdempotentParameterMismatchException, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { compareUtf16, SecretBytes, toHex, utf8, utf8Length } from "../../bytes/index.ts";
import { constantTimeEqual, digest, hmac, type Randomness } from "../../crypto/index.ts";
import { DynasealError } from "../../errors/index.ts";
import type { Clock } from "../../materials/index.ts";
import { KeyedQueue } from "../keyed-queue.ts";

/** As long as the service remembers a token. */
const lifetimeMs = 10 * 60 * 1000;
const maximumBytes = 64 * 1024 * 1024;

/** What was sent for a token. */
export interface SentForm {
  readonly items: readonly TransactWriteItem[];
  /** The token under which the service knows it. */
  readonly token: string;
  /** From 1; more after lost races. */
  readonly attempt: number;
}

interface Entry {
  readonly requestMac: Uint8Array;
  readonly expires: number;
  form: SentForm | undefined;
  bytes: number;
}

/** One token of the application while its request runs. */
export interface TokenUse {
  /** What was sent for it before and may have been done; sending it again is idempotent. */
  readonly earlier: SentForm | undefined;
  /** Keeps what is about to be sent. @throws ERR_IDEMPOTENCY_CAPACITY */
  remember(form: SentForm): void;
  /** Nothing of it was done: the next request with this token begins anew. */
  forget(): void;
}

/**
 * Makes ClientRequestToken idempotent although every encryption gives other bytes: the encrypted form is kept for ten
 * minutes and sent again as it was. Requests are compared by HMAC-SHA-384 under a key of this process, so that no
 * plaintext is kept.
 */
export class TransactionTokens {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #queue: KeyedQueue = new KeyedQueue();
  readonly #key: SecretBytes;
  readonly #clock: Clock;
  readonly #maximumBytes: number;
  #bytes = 0;

  constructor(parts: { readonly randomness: Randomness; readonly clock: Clock; readonly maximumBytes?: number }) {
    this.#key = new SecretBytes(parts.randomness.bytes(48));
    this.#clock = parts.clock;
    this.#maximumBytes = parts.maximumBytes ?? maximumBytes;
  }

  /**
   * Runs the requests of one token one after the other.
   *
   * @throws IdempotentParameterMismatchException, as the service does, where the token came with another request
   */
  async use<Result>(token: string, request: unknown, task: (use: TokenUse) => Promise<Result>): Promise<Result> {
    return this.#queue.run([token], () => {
      this.#dropExpired();
      const requestMac = hmac("sha384", this.#key, utf8(canonicalText(request)));
      const known = this.#entries.get(token);
      if (known !== undefined && !constantTimeEqual(known.requestMac, requestMac)) throw mismatch();
      const entry = known ?? { requestMac, expires: this.#clock.now() + lifetimeMs, form: undefined, bytes: 0 };
      return task({
        earlier: entry.form,
        remember: (form) => this.#remember(token, entry, form),
        forget: () => this.#forget(token),
      });
    });
  }

  #remember(token: string, entry: Entry, form: SentForm): void {
    const bytes = utf8Length(canonicalText(form.items));
    if (this.#bytes - entry.bytes + bytes > this.#maximumBytes) {
      throw new DynasealError("ERR_IDEMPOTENCY_CAPACITY", { details: { maximumBytes: this.#maximumBytes } });
    }
    this.#bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.form = form;
    this.#entries.set(token, entry);
  }

  #forget(token: string): void {
    this.#bytes -= this.#entries.get(token)?.bytes ?? 0;
    this.#entries.delete(token);
  }

  /** Entries stand in the order in which they came. */
  #dropExpired(): void {
    for (const [token, { expires }] of this.#entries) {
      if (expires > this.#clock.now()) return;
      this.#forget(token);
    }
  }
}

/** The token of a repetition after a lost race: the service knows the one before for other bytes. */
export function tokenOfAttempt(token: string, attempt: number): string {
  return attempt === 1 ? token : toHex(digest("sha256", utf8(`${token}\n${attempt}`))).slice(0, 32);
}

function mismatch(): IdempotentParameterMismatchException {
  return new IdempotentParameterMismatchException({
    message: "The request uses the same client token as a previous, but non-identical request.",
    $metadata: { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 },
  });
}

/** The same text for equal requests: members in order of their names, bytes as hexadecimal. */
function canonicalText(value: unknown): string {
  return JSON.stringify(canonical(value)) ?? "";
}

function canonical(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (Array.isArray(value)) return value.map(canonical);
  const members = Object.entries(value).sort(([a], [b]) => compareUtf16(a, b));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}
