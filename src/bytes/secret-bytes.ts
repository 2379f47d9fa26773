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

  /** Overwrites the bytes with zeros. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }
}
