/** A growing big-endian writer. The caller has checked that numbers fit their fields. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  bytes(value: Uint8Array): this {
    const start = this.#grow(value.length);
    this.#bytes.set(value, start);
    return this;
  }

  uint8(value: number): this {
    return this.#number(value, 1);
  }

  uint16(value: number): this {
    return this.#number(value, 2);
  }

  uint32(value: number): this {
    return this.#number(value, 4);
  }

  /** A safe integer in 8 bytes. */
  uint64(value: number): this {
    return this.#number(Math.floor(value / 0x1_0000_0000), 4).#number(value % 0x1_0000_0000, 4);
  }

  /** Overwrites two bytes that were written before. */
  patchUint16(offset: number, value: number): this {
    this.#put(offset, value, 2);
    return this;
  }

  /** Overwrites four bytes that were written before (a length known only afterwards). */
  patchUint32(offset: number, value: number): this {
    this.#put(offset, value, 4);
    return this;
  }

  /** What was written, without a copy; the writer is not used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #number(value: number, width: number): this {
    this.#put(this.#grow(width), value, width);
    return this;
  }

  #put(offset: number, value: number, width: number): void {
    for (let i = width - 1, rest = value; i >= 0; i--, rest >>>= 8) this.#bytes[offset + i] = rest;
  }

  #grow(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    return start;
  }
}
