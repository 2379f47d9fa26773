import { DynasealError } from "../errors/index.ts";

interface AttemptOutcome<Material> {
  /** The first success. */
  readonly success: (material: Material, startedAt: number) => void;
  /** A success after the flight has landed, of which nobody hears. */
  readonly late: (material: Material) => void;
  readonly failure: (error: unknown) => "final" | "other";
}

/** One fetch of a key under way, whatever its number of attempts, and all who wait for it. */
export class Flight<Material> {
  readonly result: Promise<Material>;
  readonly signal: AbortSignal;
  /** When the latest attempt began, in milliseconds; `undefined` while it waits for a place. */
  attemptedAt: number | undefined;
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #landed: (flight: Flight<Material>) => void;
  #settle: { readonly resolve: (material: Material) => void; readonly reject: (reason: unknown) => void } | undefined;
  #attempts = 0;

  /** @param landed is called once, as soon as the outcome is known. */
  constructor(inFlightTtlSeconds: number, landed: (flight: Flight<Material>) => void) {
    this.signal = this.#controller.signal;
    this.#landed = landed;
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // A refresh in the background has nobody who waits; its failure is not unhandled.
    this.result.catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.#land((settle) => settle.reject(new DynasealError("ERR_KEY_MATERIAL_TIMEOUT", { details: { inFlightTtlSeconds } })));
      this.#controller.abort();
    }, inFlightTtlSeconds * 1000);
    // Does not keep a process alive; the socket of a fetch does.
    this.#timer.unref();
  }

  get landed(): boolean {
    return this.#settle === undefined;
  }

  /** Starts one more attempt. The first success lands the flight; a failure does once no other attempt is under way. */
  attempt(now: number, load: (signal: AbortSignal) => Promise<Material>, on: AttemptOutcome<Material>): void {
    this.attemptedAt = now;
    this.#attempts++;
    // Inside an async function, so that a synchronous throw is a failure like any other.
    const run = async (): Promise<Material> => load(this.signal);
    run().then(
      (material) => {
        if (this.landed) return on.late(material);
        this.#land((settle) => {
          on.success(material, now);
          settle.resolve(material);
        });
      },
      (error: unknown) => {
        this.#attempts--;
        if (this.landed) return;
        if (on.failure(error) === "final" || this.#attempts === 0) this.#land((settle) => settle.reject(error));
      },
    );
  }

  #land(outcome: (settle: { resolve: (material: Material) => void; reject: (reason: unknown) => void }) => void): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    clearTimeout(this.#timer);
    this.#landed(this);
    outcome(settle);
  }
}

/**
 * The promise, unless the caller's own signal aborts first.
 *
 * @param late gets what the promise gives after the abort
 * @throws ERR_ABORTED
 */
export async function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
  late?: (result: Result) => void,
): Promise<Result> {
  if (signal === undefined) return promise;
  let listener: () => void = () => undefined;
  let isAborted = false;
  const aborted = new Promise<never>((_, reject) => {
    listener = () => {
      isAborted = true;
      reject(new DynasealError("ERR_ABORTED", { details: {}, cause: signal.reason }));
    };
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  });
  // Decided where the result arrives, so that it goes to the caller or to `late`, never to both.
  const arrived = promise.then((result) => {
    signal.removeEventListener("abort", listener);
    if (isAborted) late?.(result);
    return result;
  });
  try {
    return await Promise.race([aborted, arrived]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
