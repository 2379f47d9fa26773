import type { Clock } from "./clock.ts";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";

/** So that no access pays for a thousand others; the timer comes back for the rest. */
const maximumPruned = 64;
/** The longest delay that a timer takes, in milliseconds. */
const maximumDelay = 2 ** 31 - 1;

interface Entry<Value> extends Expiring {
  readonly identifier: string;
  readonly value: Value;
}

/**
 * Values that are dropped when their time is over or when there are too many, the least recently used first.
 *
 * What is over goes on the next access, whatever is asked for, and by a timer: a process that nobody asks anything has
 * the timer, and one that is frozen between invocations, where timers stand still, has the access. The timer does not
 * keep a process alive.
 */
export class ExpiringEntries<Value> {
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #dropped: (value: Value) => void;
  /** In the order of use, least recent first. */
  readonly #entries: Map<string, Entry<Value>> = new Map();
  readonly #queue: ExpiryQueue<Entry<Value>> = new ExpiryQueue();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the timer waits for, in milliseconds since the epoch. */
  #dueAt: number | undefined;

  /** @param options `dropped` is called once for each value that goes, for whatever reason. */
  constructor(options: { readonly capacity: number; readonly clock: Clock; readonly dropped: (value: Value) => void }) {
    this.#capacity = options.capacity;
    this.#clock = options.clock;
    this.#dropped = options.dropped;
  }

  /** The value, which is then the most recently used; drops what is over first. */
  get(identifier: string, now: number): Value | undefined {
    this.#prune(now);
    const entry = this.#entries.get(identifier);
    if (entry === undefined) return undefined;
    this.#entries.delete(identifier);
    this.#entries.set(identifier, entry);
    return entry.value;
  }

  /** In place of what the identifier stood for; drops what is over first. */
  set(identifier: string, value: Value, expiresAt: number): void {
    this.#prune(this.#clock.now());
    const entry = { identifier, value, expiresAt, place: 0 };
    const old = this.#entries.get(identifier);
    if (old !== undefined) this.#take(old);
    this.#entries.set(identifier, entry);
    this.#queue.add(entry);
    if (old !== undefined) this.#dropped(old.value);
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= this.#capacity) break;
      this.#drop(oldest);
    }
    this.#setTimer();
  }

  delete(identifier: string): void {
    const entry = this.#entries.get(identifier);
    if (entry !== undefined) this.#drop(entry);
  }

  #prune(now: number): void {
    for (let count = 0; count < maximumPruned; count++) {
      const { first } = this.#queue;
      if (first === undefined || first.expiresAt > now) return;
      this.#drop(first);
    }
  }

  #drop(entry: Entry<Value>): void {
    this.#take(entry);
    this.#dropped(entry.value);
  }

  #take(entry: Entry<Value>): void {
    this.#entries.delete(entry.identifier);
    this.#queue.remove(entry);
  }

  #setTimer(): void {
    const { first } = this.#queue;
    if (first === undefined || first.expiresAt === this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = first.expiresAt;
    const delay = Math.min(Math.max(first.expiresAt - this.#clock.now(), 0) + 1, maximumDelay);
    this.#timer = setTimeout(() => {
      this.#dueAt = undefined;
      this.#prune(this.#clock.now());
      this.#setTimer();
    }, delay);
    this.#timer.unref();
  }
}
