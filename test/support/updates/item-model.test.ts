import { describe, expect, test } from "vitest";
import { type ItemAnswer, type ItemOperation, itemModel, itemModelOf } from "./item-model.ts";
import { checkLinearizable, type Recorded } from "./linearizability.ts";

function add(last: string, answer: ItemAnswer, more: Partial<ItemOperation> = {}): ItemOperation {
  return { kind: "update", change: { count: 1, last }, returns: "ALL_NEW", ...more, answer };
}
const read = (item: ItemAnswer["item"]): ItemOperation => ({ kind: "read", answer: { outcome: "done", item } });
const done = (count: number, last: string, log = last): ItemAnswer => ({ outcome: "done", item: { count, last, log } });
const unknown: ItemAnswer = { outcome: "unknown" };

/** One after the other; those whose outcome is unknown never return. */
function inTurn(...operations: readonly ItemOperation[]): readonly Recorded<ItemOperation>[] {
  return operations.map((operation, index) => ({
    operation,
    invoked: 2 * index,
    returned: operation.answer.outcome === "unknown" ? undefined : 2 * index + 1,
  }));
}

describe("answers that one item can give", () => {
  test.each<[string, readonly Recorded<ItemOperation>[]]>([
    ["an update creates the item", inTurn(read(undefined), add("a", done(1, "a")), read({ count: 1, last: "a", log: "a" }))],
    [
      "an update of unknown outcome took effect",
      inTurn(add("a", unknown), add("b", done(2, "b", "a b")), read({ count: 2, last: "b", log: "a b" })),
    ],
    ["an update of unknown outcome took none", inTurn(add("a", unknown), add("b", done(1, "b")), read({ count: 1, last: "b", log: "b" }))],
    ["it took effect late", inTurn(add("a", unknown), add("b", done(1, "b")), read({ count: 2, last: "a", log: "b a" }))],
    [
      "a condition fails on the item as it is",
      inTurn(
        add("a", done(1, "a")),
        add("b", { outcome: "failed", item: { count: 1, last: "a", log: "a" } }, { expected: "x" }),
        read({ count: 1, last: "a", log: "a" }),
      ),
    ],
    [
      "UPDATED_OLD gives what was written, as it was",
      inTurn(
        { kind: "update", change: { open: 4 }, answer: { outcome: "done" } },
        { kind: "update", change: { open: 2 }, returns: "UPDATED_OLD", answer: { outcome: "done", item: { open: 4 } } },
        add("a", { outcome: "done" }, { returns: "UPDATED_OLD" }),
        read({ count: 1, open: 6, last: "a", log: "a" }),
      ),
    ],
    [
      "an update answers for the attributes it is sure of",
      inTurn(
        add("a", { outcome: "done", item: { count: 1, open: 9, last: "a", log: "a" }, unsure: ["open"] }),
        read({ count: 1, last: "a", log: "a" }),
      ),
    ],
  ])("%s", (_, history) => {
    expect(checkLinearizable(itemModelOf(history), history).linearizable).toBe(true);
    expect(checkLinearizable(itemModel(), history).linearizable).toBe(true);
  });

  test("a delete, and a new beginning", () => {
    const gone: ItemOperation = { kind: "delete", expected: "a", returns: "ALL_OLD", answer: done(1, "a") };
    const history = inTurn(add("a", done(1, "a")), gone, read(undefined), add("b", done(1, "b")), read({ count: 1, last: "b", log: "b" }));
    expect(checkLinearizable(itemModel(), history).linearizable).toBe(true);
  });
});

describe("answers that no item can give", () => {
  test.each<[string, readonly Recorded<ItemOperation>[]]>([
    ["a lost update", inTurn(add("a", done(1, "a")), add("b", done(1, "b")), read({ count: 1, last: "b", log: "b" }))],
    ["an update that was applied twice", inTurn(add("a", done(1, "a")), read({ count: 2, last: "a", log: "a a" }))],
    [
      "one of unknown outcome that was applied twice",
      inTurn(add("a", unknown), add("b", done(2, "b", "a b")), read({ count: 3, last: "a", log: "a b a" })),
    ],
    [
      "one that failed and took effect",
      inTurn(add("a", { outcome: "failed" }, { expected: "x" }), read({ count: 1, last: "a", log: "a" })),
    ],
    [
      "a condition that failed although it held",
      inTurn(
        add("a", done(1, "a")),
        add("b", { outcome: "failed", item: { count: 1, last: "a", log: "a" } }, { expected: "a" }),
        read({ count: 1, last: "a", log: "a" }),
      ),
    ],
    [
      "an unsigned number that was overwritten",
      inTurn(
        { kind: "update", change: { open: 1 }, answer: { outcome: "done" } },
        add("a", done(1, "a")),
        read({ count: 1, last: "a", log: "a" }),
      ),
    ],
  ])("%s", (_, history) => {
    expect(checkLinearizable(itemModelOf(history), history).linearizable).toBe(false);
    expect(checkLinearizable(itemModel(), history).linearizable).toBe(false);
  });
});
