import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { type ErrorCode, isDynasealError } from "../../src/errors/index.ts";
import { anyMutation, mutated } from "./mutate.ts";

/** A parser, and what it is fed. */
export interface FuzzTarget {
  readonly name: string;
  /** Whole inputs, from vectors. */
  readonly corpus: readonly Uint8Array[];
  /** What inputs are made of. */
  readonly words: readonly string[];
  /** Whether inputs are JSON. */
  readonly json?: boolean;
  /** What it may throw. */
  readonly codes: readonly ErrorCode[];
  /** Parses. Where it takes the input it may check a law, and throw something else than a DynasealError if that does not hold. */
  readonly run: (input: Uint8Array) => unknown;
}

export interface FuzzReport {
  readonly runs: number;
  readonly accepted: number;
  /** The shortest input that led to each outcome: taken, or a code with its details' shape. */
  readonly outcomes: ReadonlyMap<string, Uint8Array>;
}

/** For an input of at most 100,000 bytes; what takes longer or more than this does not grow with it as it should. */
const longestMilliseconds = 2000;
const mostBytes = 64 * 1024 * 1024;

/**
 * Runs a parser on its corpus, and then on mutated inputs until the time is up.
 *
 * @throws where an input makes it throw anything but its own codes, or takes too long or too much memory; the message has
 *   the smallest such input that was found, and the seed
 */
export async function fuzz(target: FuzzTarget, milliseconds: number, seed: number): Promise<FuzzReport> {
  const corpus = [...target.corpus, ...keptInputs(target.name)];
  const outcomes = new Map<string, Uint8Array>();
  let runs = 0;
  let accepted = 0;
  const note = async (input: Uint8Array): Promise<void> => {
    const outcome = await outcomeOf(target, input);
    runs++;
    if (outcome === taken) accepted++;
    if (input.length < (outcomes.get(outcome)?.length ?? Number.POSITIVE_INFINITY)) outcomes.set(outcome, input.slice());
  };
  for (const input of corpus) await note(input);
  if (milliseconds > 0) {
    const changes = fc.array(anyMutation(target.words, target.json === true), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(fc.nat(corpus.length - 1), changes, async (index, mutations) => {
      await note(mutated(corpus[index] ?? new Uint8Array(), mutations, corpus));
      // Timers run, too: that of fast-check, and the runner's own.
      if (runs % 100 === 0) await nextTurn();
    });
    await fc.assert(property, { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: milliseconds, endOnFailure: false });
  }
  return { runs, accepted, outcomes };
}

const taken = "taken";

async function outcomeOf(target: FuzzTarget, input: Uint8Array): Promise<string> {
  // A machine that stalls is no fault of the parser: what is slow has to be slow again, and again.
  const outcomes: (string | Error)[] = [];
  while (outcomes.length < 3) {
    const outcome = await oneOutcome(target, input);
    if (typeof outcome === "string") return outcome;
    outcomes.push(outcome);
  }
  throw outcomes[0];
}

async function oneOutcome({ name, codes, run }: FuzzTarget, input: Uint8Array): Promise<string | Error> {
  const memory = process.memoryUsage();
  const before = memory.heapUsed + memory.arrayBuffers;
  const started = performance.now();
  const outcome = await settled(run, codes, input);
  const took = performance.now() - started;
  const now = process.memoryUsage();
  const grown = now.heapUsed + now.arrayBuffers - before;
  const problem =
    typeof outcome !== "string"
      ? `threw ${String(outcome.foreign)}`
      : took > longestMilliseconds
        ? `took ${Math.round(took)} ms`
        : grown > mostBytes
          ? `took ${Math.round(grown / 1024 / 1024)} MB`
          : undefined;
  if (problem === undefined) return String(outcome);
  const cause = typeof outcome === "string" ? undefined : outcome.foreign;
  return new Error(`${name}: ${input.length} bytes ${problem}; input in base64: ${Buffer.from(input).toString("base64").slice(0, 4000)}`, {
    cause,
  });
}

/** The outcome's name, or what should not have been thrown. */
async function settled(
  run: FuzzTarget["run"],
  codes: readonly ErrorCode[],
  input: Uint8Array,
): Promise<string | { readonly foreign: unknown }> {
  try {
    await run(input);
    return taken;
  } catch (error) {
    if (!isDynasealError(error) || !codes.includes(error.code)) return { foreign: error };
    return `${error.code} ${shapeOf(error.details)}`;
  }
}

/** The details without numbers and quoted parts, which differ from input to input. */
function shapeOf(details: object): string {
  return JSON.stringify(details, (_, value: unknown) =>
    typeof value === "string" ? value.replace(/"[^"]*"|\d+/g, "…").slice(0, 60) : value,
  ).slice(0, 160);
}

const folder = new URL("corpus/", import.meta.url);

/** Inputs that led somewhere of their own in earlier, longer runs: base64, one per line. */
export function keptInputs(name: string): Uint8Array[] {
  if (!readdirSync(folder).includes(`${name}.txt`)) return [];
  const lines = readFileSync(new URL(`${name}.txt`, folder), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => Uint8Array.from(Buffer.from(line, "base64")));
}
