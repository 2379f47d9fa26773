import { readFileSync } from "node:fs";

/** A vector file of test/vectors, parsed. */
export function readVectors<Vectors>(path: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../vectors/${path}`, import.meta.url), "utf8")) as Vectors;
}
