import { IdempotentParameterMismatchException, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { compareUtf16, decodeUtf8, fromBase64, SecretBytes, toBase64, toHex, utf8 } from "../bytes/index.ts";
import { constantTimeEqual, digest, hmac, type Randomness } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { Clock } from "../materials/index.ts";
import { KeyedQueue } from "./keyed-queue.ts";

/** As long as the service remembers a token. */
const lifetimeMs = 10 * 60 * 1000;
const maximumBytes = 64 * 1024 * 1024;

/** About what an entry takes beside its form: token, MAC, objects. */
const entryBytes = 300;

/** What was sent for a token. */
export interface SentForm {
  readonly items: readonly TransactWriteItem[];
  /** The token under which the service knows it. */
  readonly token: string;
  /** From 1; more after lost races. */
  readonly attempt: number;
}

interface Entry {
  /** Undefined where nothing was done, and only the number of attempts is known. */
  readonly form: StoredForm | undefined;
  readonly attempt: number;
  readonly expires: number;
}

interface StoredForm {
  readonly requestMac: Uint8Array;
  readonly token: string;
  /** As text, so that its size is known, and nobody else holds a part of it and changes it. */
  readonly items: Uint8Array;
}

/** A request of the application that carries a token. */
export interface TokenRequest {
  readonly token: string;
  /** What must be the same where the token comes again. */
  readonly request: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** One token of the application while its request runs. */
export interface TokenUse {
  /** What was sent for it before and may have been done; sending it again is idempotent. */
  readonly earlier: SentForm | undefined;
  /** Attempts whose tokens the service may know for other bytes; 0 for a token that is new. */
  readonly spent: number;
  /** Keeps what is about to be sent. @throws ERR_IDEMPOTENCY_CAPACITY */
  remember(form: SentForm): void;
  /** Nothing of it was done: the next request with this token begins anew, behind this many attempts. */
  forget(spent: number): void;
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
   * @throws IdempotentParameterMismatchException, as the service does, where the token came with another request; ERR_ABORTED
   */
  async use<Result>({ token, request, signal }: TokenRequest, task: (use: TokenUse) => Promise<Result>): Promise<Result> {
    return this.#queue.run({ keys: [token], signal }, () => {
      this.#dropExpired();
      const requestMac = hmac("sha384", this.#key, utf8(JSON.stringify(jsonOf(request, byName)) ?? ""));
      const known = this.#entries.get(token);
      const form = known?.form;
      if (form !== undefined && !constantTimeEqual(form.requestMac, requestMac)) throw mismatch();
      return task({
        earlier: known && form && { items: itemsOf(form), token: form.token, attempt: known.attempt },
        spent: known?.attempt ?? 0,
        remember: ({ items, attempt, token: sent }) => {
          const text = utf8(JSON.stringify(jsonOf(items, asGiven)));
          this.#remember(token, { attempt, form: { requestMac, token: sent, items: text } });
        },
        forget: (spent) => this.#forget(token, spent),
      });
    });
  }

  #remember(token: string, entry: Omit<Entry, "expires">): void {
    const bytes = this.#bytes + sizeOf(entry) - sizeOf(this.#entries.get(token));
    if (bytes > this.#maximumBytes) {
      throw new DynasealError("ERR_IDEMPOTENCY_CAPACITY", { details: { maximumBytes: this.#maximumBytes } });
    }
    this.#set(token, entry);
  }

  /** Not held to the bound: it takes less than what it takes the place of. */
  #forget(token: string, attempt: number): void {
    if (attempt === 0) this.#drop(token);
    else this.#set(token, { attempt, form: undefined });
  }

  /** Behind all others: entries stand in the order in which they expire. */
  #set(token: string, entry: Omit<Entry, "expires">): void {
    this.#drop(token);
    this.#bytes += sizeOf(entry);
    this.#entries.set(token, { ...entry, expires: this.#clock.now() + lifetimeMs });
  }

  #drop(token: string): void {
    this.#bytes -= sizeOf(this.#entries.get(token));
    this.#entries.delete(token);
  }

  #dropExpired(): void {
    for (const [token, { expires }] of this.#entries) {
      if (expires > this.#clock.now()) return;
      this.#drop(token);
    }
  }
}

function sizeOf(entry: Pick<Entry, "form"> | undefined): number {
  return entry === undefined ? 0 : entryBytes + (entry.form?.items.length ?? 0);
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

type Members = readonly (readonly [string, unknown])[];
type MemberOrder = (members: Members) => Members;

/** Of what is sent again: byte for byte the same. */
const asGiven: MemberOrder = (members) => members;

/** The same for equal requests. */
const byName: MemberOrder = (members) => members.toSorted(([a], [b]) => compareUtf16(a, b));

/** As JSON can hold it: bytes as `{ bytes: base64 }`, which no AttributeValue or request looks like. */
function jsonOf(value: unknown, order: MemberOrder): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { bytes: toBase64(value) };
  if (Array.isArray(value)) return value.map((element) => jsonOf(element, order));
  return Object.fromEntries(order(Object.entries(value)).map(([name, member]) => [name, jsonOf(member, order)]));
}

function itemsOf({ items }: StoredForm): SentForm["items"] {
  return formOf(JSON.parse(decodeUtf8(items) ?? "")) as SentForm["items"];
}

/** The inverse of {@link jsonOf}. */
function formOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(formOf);
  const { bytes } = value as { readonly bytes?: unknown };
  if (typeof bytes === "string") return fromBase64(bytes);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, formOf(member)]));
}
