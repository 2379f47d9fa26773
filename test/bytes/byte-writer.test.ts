import { describe, expect, test } from "vitest";
import { ByteWriter, encodeUtf8, utf8 } from "../../src/bytes/index.ts";

describe("a byte writer", () => {
  test("writes numbers in big-endian order, and patches them", () => {
    const writer = new ByteWriter().uint8(1).uint16(0x0203).uint32(0x04050607).uint64(0x8090a0b0c0d0e);
    writer.patchUint16(1, 0xfffe).patchUint32(3, 0xfdfcfbfa);
    expect(Buffer.from(writer.finish()).toString("hex")).toBe("01fffefdfcfbfa0008090a0b0c0d0e");
  });

  test("gives bytes that no later writer touches", () => {
    const first = new ByteWriter().bytes(new Uint8Array(100).fill(1)).finish();
    const second = new ByteWriter().bytes(new Uint8Array(100).fill(2)).finish();
    expect(first.every((byte) => byte === 1)).toBe(true);
    expect(second.every((byte) => byte === 2)).toBe(true);
    expect(first.buffer.byteLength).toBe(100);
  });

  test("shows nothing of what an earlier writer wrote", () => {
    new ByteWriter().bytes(new Uint8Array(64).fill(0xff)).finish();
    expect([...new ByteWriter().uint64(1).uint16(0).finish()]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  test.each([1, 3, 4, 5, 12])("works while %i others are at work", (others) => {
    const writers = Array.from({ length: others + 1 }, () => new ByteWriter());
    for (let round = 0; round < 300; round++) for (const [index, writer] of writers.entries()) writer.uint32(index * 1000 + round);
    for (const [index, writer] of writers.entries()) {
      const bytes = Buffer.from(writer.finish());
      expect(bytes.length).toBe(1200);
      for (let round = 0; round < 300; round++) expect(bytes.readUInt32BE(round * 4)).toBe(index * 1000 + round);
    }
  });

  test.each([4095, 4096, 4097, 8192, 100_000])("holds %i bytes, one by one and at once", (length) => {
    const expected = Uint8Array.from({ length }, (_, index) => index % 251);
    const slowly = new ByteWriter();
    for (const byte of expected) slowly.uint8(byte);
    expect(Buffer.compare(slowly.finish(), expected)).toBe(0);
    expect(Buffer.compare(new ByteWriter(length).bytes(expected).finish(), expected)).toBe(0);
  });
});

describe("encodeUtf8", () => {
  test.each(["", "a", "é", "€", "𝄞", "x".repeat(1023), "€".repeat(1024), "€".repeat(1025), "𝄞".repeat(512)])(
    "gives what TextEncoder gives",
    (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
      expect(utf8(text)).toEqual(new TextEncoder().encode(text));
    },
  );

  test("gives bytes that the next text does not touch", () => {
    const first = encodeUtf8("first");
    encodeUtf8("other");
    expect(first).toEqual(new TextEncoder().encode("first"));
  });

  test("gives plain bytes with memory of their own", () => {
    const bytes = encodeUtf8("x".repeat(200));
    expect(bytes?.constructor).toBe(Uint8Array);
    expect(bytes?.buffer.byteLength).toBe(200);
  });

  test("refuses half of a surrogate pair", () => expect(encodeUtf8("a\ud834")).toBeUndefined());
});
