/** A growing big-endian writer. The caller has checked that numbers fit their fields. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
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
    const start = this.#grow(1);
    this.#view.setUint8(start, value);
    return this;
  }

  uint16(value: number): this {
    const start = this.#grow(2);
    this.#view.setUint16(start, value);
    return this;
  }

  uint32(value: number): this {
    const start = this.#grow(4);
    this.#view.setUint32(start, value);
    return this;
  }

  /** A safe integer in 8 bytes. */
  uint64(value: number): this {
    const start = this.#grow(8);
    this.#view.setUint32(start, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(start + 4, value % 0x1_0000_0000);
    return this;
  }

  /** Overwrites two bytes that were written before. */
  patchUint16(offset: number, value: number): this {
    this.#view.setUint16(offset, value);
    return this;
  }

  /** Overwrites four bytes that were written before (a length known only afterwards). */
  patchUint32(offset: number, value: number): this {
    this.#view.setUint32(offset, value);
    return this;
  }

  /** What was written, without a copy; the writer is not used afterwards. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
