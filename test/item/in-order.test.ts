import { expect, it } from "vitest";
import { inOrder } from "../../src/item/index.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function all<Output>(outputs: AsyncIterable<Output>): Promise<Output[]> {
  const collected: Output[] = [];
  for await (const output of outputs) collected.push(output);
  return collected;
}

it("gives results in the order of the inputs, however long each takes, and never runs more than allowed", async () => {
  let running = 0;
  let most = 0;
  const task = async (input: number): Promise<number> => {
    most = Math.max(most, ++running);
    await pause((input * 7) % 5);
    running--;
    return input * 2;
  };
  const inputs = Array.from({ length: 40 }, (_, index) => index);
  expect(await all(inOrder(inputs, { concurrency: 4, task }))).toEqual(inputs.map((input) => input * 2));
  expect(most).toBe(4);
});

it("throws the first failure in the order of the inputs, takes no further ones, and waits for what is under way", async () => {
  const begun: number[] = [];
  let running = 0;
  async function* inputs(): AsyncGenerator<number> {
    for (let input = 0; input < 100; input++) yield input;
  }
  const task = async (input: number, signal: AbortSignal): Promise<number> => {
    begun.push(input);
    running++;
    await pause(input === 2 ? 1 : 10);
    running--;
    if (signal.aborted) throw new Error("aborted");
    if (input === 2 || input === 5) throw new Error(`failed at ${input}`);
    return input;
  };
  const seen: number[] = [];
  const run = async (): Promise<void> => {
    for await (const output of inOrder(inputs(), { concurrency: 4, task })) seen.push(output);
  };
  await expect(run()).rejects.toThrow("failed at 2");
  expect(seen).toEqual([0, 1]);
  expect(running).toBe(0);
  expect(begun.length).toBeLessThan(10);
});

it("a consumer that leaves aborts the rest", async () => {
  const signals: AbortSignal[] = [];
  const task = async (input: number, signal: AbortSignal): Promise<number> => {
    signals.push(signal);
    await pause(1);
    return input;
  };
  for await (const output of inOrder([1, 2, 3, 4, 5], { concurrency: 3, task })) {
    expect(output).toBe(1);
    expect(signals[0]?.aborted).toBe(false);
    break;
  }
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

it("hands on the caller's abort, and takes no input before it is asked", async () => {
  const abort = new AbortController();
  const task = async (_input: number, signal: AbortSignal): Promise<boolean> => signal.aborted;
  const results = inOrder([1, 2], { concurrency: 1, signal: abort.signal, task });
  abort.abort();
  expect(await all(results)).toEqual([true, true]);
});

it("a failure that nobody has asked for yet is not an unhandled one", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  const task = async (input: number): Promise<number> => {
    if (input === 2) throw new Error("early");
    await pause(20);
    return input;
  };
  await expect(all(inOrder([1, 2], { concurrency: 2, task }))).rejects.toThrow("early");
  await pause(5);
  process.off("unhandledRejection", listen);
  expect(unhandled).toEqual([]);
});
