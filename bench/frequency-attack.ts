/** How much of an attribute somebody learns from its beacons who sees the table, has no key, and knows how frequent each value is. */
import { readFileSync, writeFileSync } from "node:fs";
import { SecretBytes, utf8 } from "../src/bytes/index.ts";
import { systemRandomness } from "../src/crypto/index.ts";
import type { StandardBeaconPlan } from "../src/schema/index.ts";
import { beaconHash } from "../src/search/beacons/hash.ts";
import { BeaconKeys } from "../src/search/index.ts";
import { searchableTable } from "../test/support/beacon-vectors.ts";
import { type Guesses, matchBayes, matchLikelihood, matchRanks, type Sighting } from "./support/frequency-matching.ts";
import { lineChart } from "./support/line-chart.ts";
import { type Row, report } from "./support/report.ts";

const rowsOfTable = 1_000_000;
const tables = 3;
const lengths = [2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 16, 20, 24, 32];
const partitionNumbers = [1, 5];
const topValues = 100;

const people = readFileSync(new URL("data/surnames.csv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => ({ name: line.slice(0, line.indexOf(",")), count: Number(line.slice(line.indexOf(",") + 1)) }));
const total = people.reduce((sum, { count }) => sum + count, 0);
const surnames: Population = {
  names: people.map(({ name }) => utf8(name)),
  shares: Float64Array.from(people, ({ count }) => count / total),
};
/** An attribute such as a status: few values, some of them frequent. */
const statusShares = [0.4, 0.2, 0.12, 0.08, 0.06, 0.05, 0.04, 0.03, 0.015, 0.005];
const statuses: Population = { names: statusShares.map((_, index) => utf8(`status ${index}`)), shares: Float64Array.from(statusShares) };

/** The values of an attribute, most frequent first, and how frequent each is; together 1. */
interface Population {
  readonly names: readonly Uint8Array[];
  readonly shares: Float64Array;
}

/** What the attack brings, as shares of 1. */
interface Recovery {
  /** Rows whose value it tells. */
  readonly rows: number;
  /** Different values of the table of which it finds a beacon. */
  readonly values: number;
  /** The same, of the most frequent values only. */
  readonly topValues: number;
  /** Rows that would be told by somebody who knew every value's beacon: no attack on beacons finds more. */
  readonly bound: number;
}

/** How many rows hold each name in each partition. */
function randomTable({ shares }: Population, partitions: number): Float64Array {
  const cumulative = new Float64Array(shares.length);
  shares.reduce((sum, share, index) => {
    cumulative[index] = sum + share;
    return sum + share;
  }, 0);
  const held = new Float64Array(shares.length * partitions);
  for (let row = 0; row < rowsOfTable; row++) {
    const piece = drawn(cumulative) * partitions + Math.floor(Math.random() * partitions);
    held[piece] = (held[piece] as number) + 1;
  }
  return held;
}

function drawn(cumulative: Float64Array): number {
  const mark = Math.random();
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] as number) < mark) low = middle + 1;
    else high = middle;
  }
  return low;
}

function beaconOf(length: number, partitions: number): StandardBeaconPlan {
  const { search } = searchableTable({
    tableName: "people",
    partitionKey: "id",
    attributes: { name: { action: "ENCRYPT_AND_SIGN", beacon: { length } } },
    ...(partitions > 1 && { beaconPartitions: partitions }),
  });
  return search.beacons.get("name") as StandardBeaconPlan;
}

/** Which beacon, numbered as they occur, each name has in each partition. */
function beaconNumbers({ names }: Population, beacon: StandardBeaconPlan, held: Float64Array): Int32Array {
  const keys = new BeaconKeys(new SecretBytes(systemRandomness.bytes(32)));
  const numbers = new Map<string, number>();
  return Int32Array.from(held, (rows, piece) => {
    if (rows === 0) return -1;
    const hash = beaconHash(beacon, names[Math.floor(piece / beacon.partitions)] as Uint8Array, keys, piece % beacon.partitions);
    const number = numbers.get(hash) ?? numbers.size;
    numbers.set(hash, number);
    return number;
  });
}

function attack(population: Population, length: number, partitions: number): Recovery {
  const { shares } = population;
  const held = randomTable(population, partitions);
  const numbers = beaconNumbers(population, beaconOf(length, partitions), held);
  const counts = new Float64Array(numbers.reduce((most, number) => Math.max(most, number), 0) + 1);
  const largest = new Map<number, Map<number, number>>();
  numbers.forEach((number, piece) => {
    if (number < 0) return;
    const rows = held[piece] as number;
    counts[number] = (counts[number] as number) + rows;
    const ofBeacon = largest.get(number) ?? new Map<number, number>();
    const value = Math.floor(piece / partitions);
    ofBeacon.set(value, (ofBeacon.get(value) ?? 0) + rows);
    largest.set(number, ofBeacon);
  });
  const sighting: Sighting = { counts, beacons: 2 ** length, rows: rowsOfTable, shares, partitions };
  const bound = [...largest.values()].reduce((sum, rows) => sum + Math.max(...rows.values()), 0) / rowsOfTable;
  // The best of three: an attacker does not know which that is, so that the figure does not flatter us.
  const attacks = [matchRanks, matchLikelihood, matchBayes].map((match) => recovered(match(sighting), { held, numbers, partitions }));
  const best = attacks.reduce((one, other) => (other.rows > one.rows ? other : one));
  return { ...best, bound };
}

function recovered(
  guesses: Guesses,
  { held, numbers, partitions }: { readonly held: Float64Array; readonly numbers: Int32Array; readonly partitions: number },
): Omit<Recovery, "bound"> {
  const found = new Set<number>();
  const there = new Set<number>();
  let rows = 0;
  numbers.forEach((number, piece) => {
    if (number < 0) return;
    const value = Math.floor(piece / partitions);
    there.add(value);
    if (guesses[number] !== value) return;
    found.add(value);
    rows += held[piece] as number;
  });
  const ofTop = [...found].filter((value) => value < topValues).length;
  return { rows: rows / rowsOfTable, values: found.size / there.size, topValues: ofTop / topValues };
}

function mean(recoveries: readonly Recovery[], figure: keyof Recovery): number {
  return recoveries.reduce((sum, recovery) => sum + recovery[figure], 0) / recoveries.length;
}

const percent = (share: number): string => `${(share * 100).toPrecision(share < 0.1 ? 2 : 3)} %`;
const rows: Row[] = [];
const lines = partitionNumbers.map((partitions) => ({ partitions, found: [] as number[], bound: [] as number[] }));
for (const line of lines) {
  for (const length of lengths) {
    const recoveries = Array.from({ length: tables }, () => attack(surnames, length, line.partitions));
    line.found.push(mean(recoveries, "rows"));
    line.bound.push(mean(recoveries, "bound"));
    rows.push({
      partitions: line.partitions,
      length,
      "values per beacon": (surnames.names.length * line.partitions) / 2 ** length,
      "rows told": percent(mean(recoveries, "rows")),
      "values told": percent(mean(recoveries, "values")),
      [`of the ${topValues} most frequent`]: percent(mean(recoveries, "topValues")),
      "rows told, every pair known": percent(mean(recoveries, "bound")),
    });
  }
}

console.log(`${surnames.names.length} surnames, ${rowsOfTable} rows, mean of ${tables} tables, each under a random key.`);
console.log(`Without any beacon, "${people[0]?.name}" is right in ${percent(surnames.shares[0] ?? 0)} of the rows.\n`);
report("frequency-attack", rows);

const chart = lineChart({
  title: "Rows whose surname a frequency attack tells",
  subtitle: `${surnames.names.length.toLocaleString("en-US")} surnames of the US Census 2000 in ${rowsOfTable.toLocaleString("en-US")} rows; attacker knows the frequencies, has no key`,
  x: { label: "length of the beacon, in bits", values: lengths },
  yLabel: "rows told",
  band: { from: 8, to: 13, label: "advised" },
  lines: lines.flatMap(({ partitions, found, bound }, index) => [
    {
      label: partitions === 1 ? "one partition" : `${partitions} partitions`,
      values: found,
      color: index === 0 ? "#b3261e" : "#1f5fbf",
      stroke: "solid" as const,
    },
    { label: "same, every pair known", values: bound, color: index === 0 ? "#b3261e" : "#1f5fbf", stroke: "dashed" as const },
  ]),
});
writeFileSync(new URL("../docs/images/frequency-attack.svg", import.meta.url), chart);

/** Where a beacon each depends on a throw of dice, more tables. */
const fewTables = 30;
const fewRows = [1, 2, 3, 4, 8, 32].map((length) => {
  const recoveries = Array.from({ length: fewTables }, () => attack(statuses, length, 1));
  return {
    values: statusShares.length,
    length,
    "rows told": percent(mean(recoveries, "rows")),
    "values told": percent(mean(recoveries, "values")),
  };
});
report("frequency-attack-few-values", fewRows);
