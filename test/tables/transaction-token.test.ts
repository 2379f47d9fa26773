import { describe, expect, test } from "vitest";
import { systemRandomness } from "../../src/crypto/index.ts";
import { TransactionTokens, tokenOfAttempt } from "../../src/tables/transaction-token.ts";
import { startClientServer } from "../support/client-server.ts";
import { transactionSuite } from "../support/transaction-suite.ts";

transactionSuite(() => startClientServer());

describe("remembered tokens", () => {
  const clock = { time: 0, now: (): number => clock.time };
  const form = (text: string) => ({ items: [{ Put: { TableName: text, Item: {} } }], token: "t", attempt: 1 });
  const remember = (tokens: TransactionTokens, token: string, request: unknown, text = "x".repeat(100)): Promise<unknown> =>
    tokens.use({ token, request }, async (use) => {
      const { earlier } = use;
      use.remember(form(text));
      return earlier;
    });

  test("are bounded in bytes, and free their place after ten minutes", async () => {
    const tokens = new TransactionTokens({ randomness: systemRandomness, clock, maximumBytes: 1000 });
    await remember(tokens, "a", 1);
    await remember(tokens, "b", 1);
    const full = { code: "ERR_IDEMPOTENCY_CAPACITY", details: { maximumBytes: 1000 } };
    await expect(remember(tokens, "c", 1)).rejects.toMatchObject(full);
    // One that is known takes no more place.
    expect(await remember(tokens, "a", 1)).toEqual(form("x".repeat(100)));
    clock.time += 10 * 60 * 1000;
    expect(await remember(tokens, "c", 1)).toBeUndefined();
  });

  test("count what a lost race left behind once, whatever came of it", async () => {
    const tokens = new TransactionTokens({ randomness: systemRandomness, clock, maximumBytes: 1000 });
    const raced = (token: string): Promise<void> =>
      tokens.use({ token, request: 1 }, async (use) => {
        for (let attempt = 1; attempt <= 3; attempt++) {
          use.remember(form("x".repeat(100)));
          if (attempt < 3) use.forget(0);
        }
      });
    await raced("a");
    await raced("b");
    await expect(raced("c")).rejects.toMatchObject({ code: "ERR_IDEMPOTENCY_CAPACITY" });
    clock.time += 10 * 60 * 1000;
    // Nothing is left of them, and no more than nothing: the bound is what it was.
    await raced("d");
    await raced("e");
    await expect(raced("f")).rejects.toMatchObject({ code: "ERR_IDEMPOTENCY_CAPACITY" });
  });

  test("keep what was sent, whatever becomes of the objects that held it", async () => {
    const tokens = new TransactionTokens({ randomness: systemRandomness, clock });
    const Item = {
      id: { S: "1" },
      ["__proto__"]: { S: "kept" },
      bytes: { B: Uint8Array.of(1, 2) },
      maps: { M: { bytes: { S: "not these" } } },
    };
    const items = [{ Put: { TableName: "t", Item } }];
    const sent = structuredClone(items);
    await tokens.use({ token: "a", request: 1 }, async ({ remember: keep }) => keep({ items, token: "t", attempt: 2 }));
    Item.id = { S: "2" };
    const earlier = await tokens.use({ token: "a", request: 1 }, async (use) => use.earlier);
    expect(earlier).toEqual({ items: sent, token: "t", attempt: 2 });
    expect(JSON.stringify(earlier?.items)).toBe(JSON.stringify(sent));
  });

  test("tell requests apart, however their members are ordered", async () => {
    const tokens = new TransactionTokens({ randomness: systemRandomness, clock });
    await remember(tokens, "a", [{ x: 1, y: Uint8Array.of(1) }]);
    expect(await remember(tokens, "a", [{ y: Buffer.of(1), x: 1 }])).toBeDefined();
    await expect(remember(tokens, "a", [{ x: 1, y: Uint8Array.of(2) }])).rejects.toMatchObject({
      name: "IdempotentParameterMismatchException",
    });
  });

  test("of repetitions differ, and the service takes them", () => {
    const derived = [1, 2, 3].map((attempt) => tokenOfAttempt("user's", attempt));
    expect(derived[0]).toBe("user's");
    expect(new Set(derived).size).toBe(3);
    expect(derived.every((token) => token.length <= 36)).toBe(true);
  });
});
