import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** What is looked for: 16 bytes are enough to be nobody else's. */
const needleLength = 16;
const chunkLength = 1 << 20;

/**
 * Which of the secrets stand in the memory of another process, read from outside (Linux, `/proc/PID/mem`).
 *
 * Each secret is looked for by its first 16 bytes and by its last: who frees memory may overwrite the beginning.
 */
export function secretsIn(pid: number, secrets: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const needles = new Needles(secrets);
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    for (const region of readableRegions(pid)) scan(memory, region, needles);
  } finally {
    closeSync(memory);
  }
  return [...needles.found].sort();
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Every mapping that the process could have written to. What only maps a file, as code does, holds no keys. */
function readableRegions(pid: number): readonly Region[] {
  const regions: Region[] = [];
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const [range = "", permissions = "", , , , name = ""] = line.split(/\s+/);
    if (!permissions.startsWith("r") || (!permissions.includes("w") && name.startsWith("/"))) continue;
    if (["[vvar]", "[vvar_vclock]", "[vdso]", "[vsyscall]"].includes(name) || name.startsWith("/dev/")) continue;
    const [start = 0, end = 0] = range.split("-").map((text) => Number.parseInt(text, 16));
    regions.push({ start, end });
  }
  return regions;
}

function scan(memory: number, { start, end }: Region, needles: Needles): void {
  const buffer = new Uint8Array(chunkLength + needleLength);
  for (let at = start; at < end; at += chunkLength) {
    const length = Math.min(buffer.length, end - at);
    let read = 0;
    try {
      read = readSync(memory, buffer, 0, length, at);
    } catch {
      // Given back to the system since the list was read.
      return;
    }
    needles.lookIn(buffer.subarray(0, read));
  }
  buffer.fill(0);
}

class Needles {
  readonly found: Set<string> = new Set();
  readonly #byStart: Map<number, { readonly name: string; readonly bytes: Uint8Array }[]> = new Map();
  /** Of the first two bytes, so that almost every place is passed with one look. */
  readonly #mayStart: Uint8Array = new Uint8Array(0x10000);

  constructor(secrets: ReadonlyMap<string, Uint8Array>) {
    for (const [name, secret] of secrets) {
      if (secret.length < needleLength) throw new RangeError(`${name} is too short to be looked for`);
      for (const bytes of [secret.subarray(0, needleLength), secret.subarray(secret.length - needleLength)]) {
        const start = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
        this.#mayStart[start] = 1;
        this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), { name, bytes }]);
      }
    }
  }

  lookIn(bytes: Uint8Array): void {
    const mayStart = this.#mayStart;
    for (let at = 0, end = bytes.length - needleLength; at <= end; at++) {
      const start = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      if (mayStart[start] === 0) continue;
      for (const needle of this.#byStart.get(start) ?? []) {
        if (needle.bytes.every((byte, i) => bytes[at + i] === byte)) this.found.add(needle.name);
      }
    }
  }
}
