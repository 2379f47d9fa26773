import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkLinearizable, type Model, type Recorded } from "./linearizability.ts";

type Register = { readonly kind: "write"; readonly value: number } | { readonly kind: "read"; readonly value: number };

/** A register that holds 0 at first; a read's `value` is what it gave. */
const register: Model<{ readonly value: number }, Register> = {
  initial: { value: 0 },
  step: (state, { kind, value }) => (kind === "write" ? { value } : state.value === value ? state : undefined),
  keyOf: ({ value }) => String(value),
};

const write = (value: number, invoked: number, returned?: number): Recorded<Register> => ({
  operation: { kind: "write", value },
  invoked,
  returned,
});
const read = (value: number, invoked: number, returned: number): Recorded<Register> => ({
  operation: { kind: "read", value },
  invoked,
  returned,
});

describe("histories that are linearizable", () => {
  test.each<[string, readonly Recorded<Register>[]]>([
    ["none at all", []],
    ["one after the other", [write(1, 1, 2), read(1, 3, 4)]],
    ["a read beside a write gives the old value", [write(1, 1, 4), read(0, 2, 3)]],
    ["a read beside a write gives the new value", [write(1, 1, 4), read(1, 2, 3)]],
    ["two reads beside a write: old, then new", [write(1, 1, 6), read(0, 2, 3), read(1, 4, 5)]],
    ["a write that never returned is read late", [write(1, 1), read(0, 2, 3), read(0, 4, 5), read(1, 6, 7)]],
    ["a write that never returned is never read", [write(1, 1), write(2, 2, 3), read(2, 4, 5), read(2, 6, 7)]],
    ["the order is not that of the calls", [write(1, 1, 6), write(2, 2, 5), read(2, 3, 4), read(1, 7, 8)]],
  ])("%s", (_, history) => {
    expect(checkLinearizable(register, history).linearizable).toBe(true);
  });
});

describe("histories that are not linearizable", () => {
  test.each<[string, readonly Recorded<Register>[]]>([
    ["a stale read after the write", [write(1, 1, 2), read(0, 3, 4)]],
    ["a value that nobody wrote", [write(1, 1, 2), read(2, 3, 4)]],
    ["a value before its write was called", [read(1, 1, 2), write(1, 3, 4)]],
    ["two reads beside a write: new, then old", [write(1, 1, 6), read(1, 2, 3), read(0, 4, 5)]],
    ["a write that never returned takes effect twice", [write(1, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7), read(1, 8, 9)]],
    ["readers that see two writes in two orders", [write(1, 1, 10), write(2, 2, 11), read(1, 3, 4), read(2, 5, 6), read(1, 7, 8)]],
  ])("%s", (_, history) => {
    expect(checkLinearizable(register, history).linearizable).toBe(false);
  });
});

/** Tries every order and every choice of operations that never returned: slow, and plainly right. */
function isLinearizableByAllOrders(state: { readonly value: number }, left: readonly Recorded<Register>[]): boolean {
  const firstReturn = Math.min(...left.map(({ returned }) => returned ?? Number.POSITIVE_INFINITY));
  if (firstReturn === Number.POSITIVE_INFINITY) return true;
  return left.some((next) => {
    const after = next.invoked < firstReturn ? register.step(state, next.operation) : undefined;
    return (
      after !== undefined &&
      isLinearizableByAllOrders(
        after,
        left.filter((one) => one !== next),
      )
    );
  });
}

/** Up to six operations whose moments are mixed at random; some never return. */
function histories(): fc.Arbitrary<readonly Recorded<Register>[]> {
  const operation = fc.record({ kind: fc.constantFrom("write", "read"), value: fc.integer({ min: 0, max: 2 }) }) as fc.Arbitrary<Register>;
  return fc
    .array(fc.tuple(operation, fc.double({ noNaN: true, min: 0, max: 1 }), fc.double({ noNaN: true, min: 0, max: 1 })), { maxLength: 6 })
    .map((drawn) =>
      drawn.map(([one, a, b], index) => {
        const invoked = Math.min(a, b) + index * 1e-6;
        const pending = one.kind === "write" && a > 0.8;
        return { operation: one, invoked, returned: pending ? undefined : Math.max(a, b) + 1e-3 + index * 1e-6 };
      }),
    );
}

test("the verdict is that of trying every order", () => {
  let linearizable = 0;
  let others = 0;
  fc.assert(
    fc.property(histories(), (history) => {
      const verdict = checkLinearizable(register, history).linearizable;
      expect(verdict).toBe(isLinearizableByAllOrders(register.initial, history));
      if (verdict) linearizable++;
      else others++;
    }),
    { numRuns: 2000 },
  );
  // Both kinds have to be among them, or the comparison would say little.
  expect(Math.min(linearizable, others)).toBeGreaterThan(100);
});

test("the order that is found puts every operation that returned", () => {
  const { order, visited } = checkLinearizable(register, [write(1, 1, 6), write(2, 2, 5), read(2, 3, 4), read(1, 7, 8)]);
  expect(order.map(({ kind, value }) => `${kind} ${value}`)).toEqual(["write 2", "read 2", "write 1", "read 1"]);
  expect(visited).toBeGreaterThanOrEqual(4);
});
