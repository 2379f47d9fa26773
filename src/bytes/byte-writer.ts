/**
 * Memory that writers hand on to each other: most of what is written is short, and an allocation of a size that only
 * guesses costs more than to write and to copy. What a writer left behind is overwritten, never read.
 */
const lent: Uint8Array[] = [];
const lentBytes = 4096;
/** Writers that are at work at the same time, one within the other. */
const mostLent = 4;
const noMemory: Uint8Array = new Uint8Array(0);

/** A growing big-endian writer. The caller has checked that numbers fit their fields. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** @param capacity bytes that are expected, where it is known that they are many */
  constructor(capacity: number = lentBytes) {
    this.#bytes = capacity > lentBytes ? new Uint8Array(capacity) : (lent.pop() ?? new Uint8Array(lentBytes));
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

  /** What was written, in memory that nobody else holds; the writer is not used afterwards. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = noMemory;
    if (bytes.length !== lentBytes) return bytes.subarray(0, this.#length);
    if (lent.length < mostLent) lent.push(bytes);
    return bytes.slice(0, this.#length);
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
