const redacted = "SecretBytes(redacted)";

/**
 * Key bytes that are readable only on purpose: printing, JSON, spreading and `util.inspect` show nothing.
 * Takes a copy, so that wiping it never touches the caller's array.
 */
export class SecretBytes {
  static {
    Object.defineProperty(SecretBytes.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => redacted });
  }

  #bytes: Uint8Array | undefined;
  #memo: unknown;

  constructor(bytes: Uint8Array) {
    this.#bytes = Uint8Array.from(bytes);
  }

  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  /** The live bytes; the caller neither keeps nor changes them. Throws once wiped. */
  reveal(): Uint8Array {
    if (this.#bytes === undefined) throw new TypeError("SecretBytes were wiped");
    return this.#bytes;
  }

  /**
   * What `make` made of the bytes the first time: the crypto library's form of the key, converted once. There is one
   * such form, so every caller passes the same function.
   */
  memo<Form>(make: (bytes: Uint8Array) => Form): Form {
    this.#memo ??= make(this.reveal());
    return this.#memo as Form;
  }

  /** Overwrites the bytes with zeros and forgets the converted form. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
    this.#memo = undefined;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }
}
