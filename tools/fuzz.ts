/**
 * Fuzzes every parser: `npm run fuzz -- --minutes 60`, `--target headers`, `--seed 7`. With `--keep`, the shortest input that
 * led to each outcome is added to test/fuzz/corpus, from which the tests and later runs begin.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fuzz, keptInputs } from "../test/fuzz/fuzz.ts";
import { fuzzTargets } from "../test/fuzz/targets.ts";

/** The corpus stays small: short inputs, and not many. */
const longestKept = 1000;
const mostKept = 40;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    target: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const targets = fuzzTargets().filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) throw new Error(`no target "${values.target}"; there are ${fuzzTargets().map(({ name }) => name)}`);
const milliseconds = (Number(values.minutes) * 60_000) / targets.length;
console.log(`seed ${values.seed}, ${Math.round(milliseconds / 1000)} s for each of ${targets.length} parsers`);

for (const target of targets) {
  try {
    const { runs, accepted, outcomes } = await fuzz(target, milliseconds, Number(values.seed));
    console.log(`${target.name}: ${runs} inputs, ${accepted} taken, ${outcomes.size} outcomes`);
    if (values.keep) keep(target.name, [...outcomes.values()]);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

function keep(name: string, found: readonly Uint8Array[]): void {
  const short = found.filter(({ length }) => length <= longestKept).map((input) => Buffer.from(input).toString("base64"));
  const before = keptInputs(name).map((input) => Buffer.from(input).toString("base64"));
  const lines = [...new Set([...before, ...short.sort((a, b) => a.length - b.length)])].slice(0, mostKept);
  writeFileSync(fileURLToPath(new URL(`../test/fuzz/corpus/${name}.txt`, import.meta.url)), `${lines.join("\n")}\n`);
}
