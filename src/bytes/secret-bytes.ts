import { DynasealError } from "../errors/index.ts";

const redacted = "SecretBytes(redacted)";

/** Something that holds key bytes and can be told to forget them. */
export interface Wipeable {
  wipe(): void;
}

/**
 * Key bytes that are readable only on purpose: printing, JSON, spreading and `util.inspect` show nothing.
 *
 * They lie outside the heap of the JavaScript engine, whose collector moves what is inside and leaves copies behind.
 */
export class SecretBytes implements Wipeable {
  static {
    Object.defineProperty(SecretBytes.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => redacted });
  }

  /** In bytes; stays what it was when they are wiped. */
  readonly length: number;
  #bytes: Uint8Array | undefined;
  #memo: unknown;
  #dependents: Wipeable[] | undefined;

  /** Takes a copy, so that wiping it never touches the caller's array. */
  constructor(bytes: Uint8Array, source: "copied" | "taken" = "copied") {
    this.length = bytes.length;
    if (source === "taken" && bytes.length === bytes.buffer.byteLength) {
      // The plain view of the same memory: what native code hands out is a Buffer.
      this.#bytes = new Uint8Array(bytes.buffer);
      return;
    }
    this.#bytes = secretMemory(bytes.length);
    this.#bytes.set(bytes);
    if (source === "taken") bytes.fill(0);
  }

  /**
   * Takes the array over, so that no second copy stays: an array that has its buffer to itself is kept as it is, a part
   * of a larger one is copied and zeroed. The caller does not use it again.
   */
  static take(bytes: Uint8Array): SecretBytes {
    return new SecretBytes(bytes, "taken");
  }

  /**
   * The live bytes; the caller neither keeps nor changes them.
   *
   * @throws ERR_SECRET_WIPED
   */
  reveal(): Uint8Array {
    if (this.#bytes === undefined) throw new DynasealError("ERR_SECRET_WIPED", { details: {} });
    return this.#bytes;
  }

  /**
   * What `make` made of the bytes the first time: the crypto library's form of the key, converted once. There is one
   * such form, so every caller passes the same function.
   *
   * @throws ERR_SECRET_WIPED
   */
  memo<Form>(make: (bytes: Uint8Array) => Form): Form {
    this.#memo ??= make(this.reveal());
    return this.#memo as Form;
  }

  /** What was derived from these bytes is wiped with them. */
  wipeAlso(dependent: Wipeable): void {
    this.#dependents ??= [];
    this.#dependents.push(dependent);
  }

  /** Overwrites the bytes with zeros and forgets the converted form, which goes when the collector runs. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#memo = undefined;
    const dependents = this.#dependents ?? [];
    this.#dependents = undefined;
    for (const dependent of dependents) dependent.wipe();
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }
}

/**
 * Zeroed memory for key bytes. A typed array of up to 64 bytes would lie inside the engine's heap; a buffer of its own
 * never does.
 */
export function secretMemory(length: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(length));
}
