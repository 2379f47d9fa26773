import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretBytes, secretMemory } from "../../src/bytes/index.ts";

const bytes = (): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const wiped = expect.objectContaining({ name: "DynasealError", code: "ERR_SECRET_WIPED" });

describe("SecretBytes", () => {
  it("copies what it is made of, and shows it only on purpose", () => {
    const given = bytes();
    const secret = new SecretBytes(given);
    given.fill(0);
    expect(secret.reveal()).toEqual(bytes());
    for (const shown of [String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect(secret), JSON.stringify({ ...secret })]) {
      expect(shown).not.toMatch(/1,2,3|"0":1|010203/);
    }
  });

  it("lies outside the engine's heap: in a buffer of exactly its length", () => {
    for (const secret of [new SecretBytes(bytes()), SecretBytes.take(Buffer.from(bytes())), SecretBytes.take(bytes())]) {
      expect(secret.reveal().buffer.byteLength).toBe(32);
      expect(secret.reveal().constructor).toBe(Uint8Array);
    }
    expect(secretMemory(32)).toEqual(new Uint8Array(32));
  });

  it("leaves no copy in what it takes over", () => {
    const pool = new Uint8Array(100).fill(9);
    pool.set(bytes(), 40);
    const secret = SecretBytes.take(pool.subarray(40, 72));
    expect(secret.reveal()).toEqual(bytes());
    expect(pool).toEqual(new Uint8Array(100).fill(9).fill(0, 40, 72));
    const own = bytes();
    const taken = SecretBytes.take(own);
    taken.wipe();
    expect(own).toEqual(new Uint8Array(32));
  });

  it("never reads as zeros once it is wiped: every use throws", () => {
    const secret = new SecretBytes(bytes());
    const view = secret.reveal();
    secret.memo(() => "converted");
    secret.wipe();
    secret.wipe();
    expect(view).toEqual(new Uint8Array(32));
    expect(() => secret.reveal()).toThrow(wiped);
    expect(() => secret.memo(() => "converted again")).toThrow(wiped);
    expect(secret).toHaveLength(32);
  });

  it("takes what was derived from it along", () => {
    const secret = new SecretBytes(bytes());
    const derived = [new SecretBytes(bytes()), new SecretBytes(bytes())];
    for (const one of derived) secret.wipeAlso(one);
    secret.wipe();
    for (const one of derived) expect(() => one.reveal()).toThrow(wiped);
  });
});
