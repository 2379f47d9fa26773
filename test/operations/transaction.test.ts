import { describe, expect, test } from "vitest";
import { systemRandomness } from "../../src/crypto/index.ts";
import { TransactionTokens, tokenOfAttempt } from "../../src/operations/transaction/transaction-token.ts";
import { startClientServer } from "../support/client-server.ts";
import { transactionSuite } from "../support/transaction-suite.ts";

transactionSuite(() => startClientServer());

describe("remembered tokens", () => {
  const clock = { time: 0, now: (): number => clock.time };
  const form = (text: string) => ({ items: [{ Put: { TableName: text, Item: {} } }], token: "t", attempt: 1 });
  const remember = (tokens: TransactionTokens, token: string, request: unknown, text = "x".repeat(100)): Promise<unknown> =>
    tokens.use(token, request, async (use) => {
      const { earlier } = use;
      use.remember(form(text));
      return earlier;
    });

  test("are bounded in bytes, and free their place after ten minutes", async () => {
    const tokens = new TransactionTokens({ randomness: systemRandomness, clock, maximumBytes: 400 });
    await remember(tokens, "a", 1);
    await remember(tokens, "b", 1);
    const full = { code: "ERR_IDEMPOTENCY_CAPACITY", details: { maximumBytes: 400 } };
    await expect(remember(tokens, "c", 1)).rejects.toMatchObject(full);
    // One that is known takes no more place.
    expect(await remember(tokens, "a", 1)).toEqual(form("x".repeat(100)));
    clock.time += 10 * 60 * 1000;
    expect(await remember(tokens, "c", 1)).toBeUndefined();
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
