import { describe, expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

/** Half a second for each parser on a developer's machine, four in CI: about a minute in all. `npm run fuzz` takes as long as it is told. */
const milliseconds = process.env["CI"] === undefined ? 500 : 4000;
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);

describe(`parsers on mutated vectors, seed ${seed}`, () => {
  it.each(fuzzTargets())("$name: only their own errors come out, in bounded time and memory", async (target) => {
    const { runs, accepted, outcomes } = await fuzz(target, milliseconds, seed);
    // Not a share of random inputs: the corpus itself is taken, and much besides is tried.
    expect(accepted).toBeGreaterThan(0);
    expect(runs).toBeGreaterThan(target.corpus.length);
    expect(outcomes.size).toBeGreaterThan(target.codes.length === 0 ? 0 : 1);
  });
});
