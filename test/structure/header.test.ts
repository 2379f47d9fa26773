import { describe, expect, it } from "vitest";
import { ByteWriter, utf8 } from "../../src/bytes/index.ts";
import { parseHeader } from "../../src/structure/index.ts";

/** A header of format 1 under the HMAC suite, with an empty legend. */
function header({ keys = ["a", "b"], dataKeys = 1 }: { readonly keys?: readonly string[]; readonly dataKeys?: number }): Uint8Array {
  const writer = new ByteWriter(256);
  writer.uint8(1).uint8(0).bytes(new Uint8Array(32)).uint16(0).uint16(keys.length);
  for (const text of keys.flatMap((key) => [key, "value"])) writer.uint16(utf8(text).length).bytes(utf8(text));
  writer.uint8(dataKeys);
  for (let index = 0; index < dataKeys; index++) writer.uint16(1).bytes(utf8("n")).uint16(1).bytes(utf8("k")).uint16(1).bytes(utf8("c"));
  return writer.bytes(new Uint8Array(32)).finish();
}

// @see specification/structured-encryption/header.md "Encrypted Data Key Count", "Key Value Pair Entries"
// @see framework/structures.md "Key Value Pair Entries"
describe("a header that is whole but for one rule", () => {
  it("is read where it keeps them all", () => {
    expect(parseHeader(header({})).encryptionContext).toEqual({ a: "value", b: "value" });
    expect(parseHeader(header({ dataKeys: 255 })).encryptedDataKeys).toHaveLength(255);
    // UTF-8 order, which differs from that of UTF-16 code units.
    expect(Object.keys(parseHeader(header({ keys: ["", "￿", "𐀀"] })).encryptionContext)).toHaveLength(3);
  });

  it.each<[string, Parameters<typeof header>[0], string]>([
    ["it has no encrypted data key", { dataKeys: 0 }, "there is no encrypted data key"],
    ["its context keys descend", { keys: ["b", "a"] }, "encryption context keys do not ascend"],
    ["its context keys are in the order of UTF-16", { keys: ["𐀀", "￿"] }, "encryption context keys do not ascend"],
    ["it has a context key twice", { keys: ["a", "a"] }, "encryption context keys do not ascend"],
    ["it has a context key twice, not side by side", { keys: ["a", "b", "a"] }, "encryption context keys do not ascend"],
  ])("is refused if %s", (_if, change, field) => {
    expect(() => parseHeader(header(change))).toThrow(expect.objectContaining({ code: "ERR_HEADER_MALFORMED", details: { field } }));
  });
});
