/** Says what was being read when the bytes ran out; thrown by the caller's `fail`. */
export type ReadFailure = (field: string) => Error;

/**
 * A bounded reader: every length is checked against what is left before a byte is touched or allocated.
 * What it hands out are views of the input, never copies.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #fail: ReadFailure;
  #offset = 0;

  constructor(bytes: Uint8Array, fail: ReadFailure) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  take(length: number, field: string): Uint8Array {
    const start = this.#advance(length, field);
    return this.#bytes.subarray(start, start + length);
  }

  uint8(field: string): number {
    return this.#view.getUint8(this.#advance(1, field));
  }

  /** Big endian. */
  uint16(field: string): number {
    return this.#view.getUint16(this.#advance(2, field));
  }

  /** Big endian. */
  uint32(field: string): number {
    return this.#view.getUint32(this.#advance(4, field));
  }

  /** Fails unless everything was read. */
  end(field: string): void {
    if (this.remaining !== 0) throw this.#fail(`${field}: ${this.remaining} bytes left over`);
  }

  #advance(length: number, field: string): number {
    if (length > this.remaining) throw this.#fail(`${field}: ${length} bytes wanted, ${this.remaining} left`);
    const start = this.#offset;
    this.#offset += length;
    return start;
  }
}
