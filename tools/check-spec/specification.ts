import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Clause, sectionsOf } from "./clauses.ts";

/** Where a specification lives: its repository, the folders of it that count, and where a checkout may have them. */
interface Source {
  readonly repository: string;
  readonly folders: readonly string[];
  /** Tried in this order, relative to the folder that is given. */
  readonly places: readonly string[];
}

const sources: readonly Source[] = [
  {
    repository: "aws/aws-database-encryption-sdk-dynamodb",
    folders: ["specification"],
    places: ["", "aws-database-encryption-sdk-dynamodb"],
  },
  {
    repository: "awslabs/aws-encryption-sdk-specification",
    folders: ["framework", "data-format"],
    // The first repository has the second as a submodule.
    places: [
      "",
      "aws-encryption-sdk-specification",
      "submodules/MaterialProviders/aws-encryption-sdk-specification",
      "aws-database-encryption-sdk-dynamodb/submodules/MaterialProviders/aws-encryption-sdk-specification",
    ],
  },
];

/** `spec/clauses.json`: numbers and hashes, and of the specifications' words only the headings. */
export interface ClauseTable {
  readonly sources: readonly { readonly repository: string; readonly commit: string }[];
  readonly files: Readonly<Record<string, Readonly<Record<string, { readonly count: number; readonly hashes: readonly string[] }>>>>;
}

/** File, then section, then its clauses. */
export type Specifications = ReadonlyMap<string, ReadonlyMap<string, readonly Clause[]>>;

export interface Checkout {
  readonly sources: ClauseTable["sources"];
  readonly specifications: Specifications;
}

/**
 * Reads the specifications in a folder: a checkout of either repository, or a folder that holds both.
 *
 * @param commitOf says what is checked out in a folder
 */
export function readCheckout(folder: string, commitOf: (folder: string) => string = headOf): Checkout {
  const specifications = new Map<string, ReadonlyMap<string, readonly Clause[]>>();
  const found: { repository: string; commit: string }[] = [];
  for (const { repository, folders, places } of sources) {
    const root = places.map((place) => join(folder, place)).find((place) => folders.every((name) => existsSync(join(place, name))));
    if (root === undefined) continue;
    found.push({ repository, commit: commitOf(root) });
    for (const path of folders.flatMap((name) => markdownIn(root, name))) {
      const sections = sectionsOf(readFileSync(join(root, path), "utf8"));
      specifications.set(path, new Map(sections.map(({ name, clauses }) => [name, clauses])));
    }
  }
  if (found.length === 0) throw new Error(`${folder} holds neither specification/ nor framework/ with data-format/`);
  return { sources: found, specifications };
}

function headOf(folder: string): string {
  return execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
}

/** Proposals, and how AWS makes test vectors: neither says what a library does. */
const aside = /\/(?:changes|test-vectors)\//;

function markdownIn(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md") && !aside.test(path))
    .sort();
}

export function toTable({ sources, specifications }: Checkout): ClauseTable {
  const files = Array.from(specifications, ([file, sections]) => {
    const entries = Array.from(sections, ([name, clauses]) => {
      const hashes = clauses.map(({ hash }) => hash);
      return [name, { count: hashes.length, hashes }] as const;
    });
    return [file, Object.fromEntries(entries)] as const;
  });
  return { sources, files: Object.fromEntries(files) };
}

/** One line for each section, so that a change of the specification reads as one in the diff. */
export function printTable({ sources, files }: ClauseTable): string {
  const list = (entries: readonly string[], indent: string): string => entries.map((entry) => `\n${indent}${entry}`).join(",");
  const written = Object.entries(files).map(([file, sections]) => {
    const lines = Object.entries(sections).map(
      ([name, { count, hashes }]) => `${JSON.stringify(name)}: { "count": ${count}, "hashes": ${JSON.stringify(hashes)} }`,
    );
    return `${JSON.stringify(file)}: {${list(lines, "      ")}\n    }`;
  });
  const from = sources.map((source) => JSON.stringify(source));
  return `{\n  "sources": [${list(from, "    ")}\n  ],\n  "files": {${list(written, "    ")}\n  }\n}\n`;
}

/**
 * What became of the clauses since the table was made, one line for each: `new`, `vanished`, or `changed` where a section
 * has another clause in the place of one. Only repositories that the checkout has are compared.
 */
export function differences(table: ClauseTable, { sources: present, specifications }: Checkout): string[] {
  const compared = sources.filter(({ repository }) => present.some((source) => source.repository === repository));
  const folders = compared.flatMap((source) => source.folders);
  const known = Object.keys(table.files).filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));
  return [...new Set([...known, ...specifications.keys()])].sort().flatMap((file) => {
    const before = new Map(Object.entries(table.files[file] ?? {}));
    const now = specifications.get(file) ?? new Map<string, readonly Clause[]>();
    return [...new Set([...before.keys(), ...now.keys()])].flatMap((name) =>
      changes(before.get(name)?.hashes ?? [], now.get(name) ?? []).map((change) => `${file} "${name}" ${change}`),
    );
  });
}

function changes(before: readonly string[], now: readonly Clause[]): string[] {
  const gone = without(
    before,
    (hash) => hash,
    now.map(({ hash }) => hash),
  );
  const come = without(now, ({ hash }) => hash, before);
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => {
    const [hash, clause] = [gone[index], come[index]];
    if (clause === undefined) return `${hash} vanished`;
    return hash === undefined ? `${clause.hash} new: ${clause.text}` : `${hash} changed to ${clause.hash}: ${clause.text}`;
  });
}

/** The entries that are left when each hash of `others` has taken one away. */
function without<Entry>(entries: readonly Entry[], hashOf: (entry: Entry) => string, others: readonly string[]): Entry[] {
  const left = [...others];
  return entries.filter((entry) => {
    const index = left.indexOf(hashOf(entry));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
