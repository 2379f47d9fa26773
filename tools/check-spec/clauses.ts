import { createHash } from "node:crypto";

/** A section of a specification: its heading and its clauses in order. */
export interface Section {
  readonly name: string;
  readonly clauses: readonly Clause[];
}

/** A sentence that demands, allows or forbids something. */
export interface Clause {
  /** The first 12 hex digits of the SHA-256 of `text`. */
  readonly hash: string;
  /** Normalized: links as their texts, no emphasis, one space between words. */
  readonly text: string;
}

/** RFC 2119, as requirement and not as a quoted word. */
const keyword = /(?<!["`“])\b(?:MUST|SHALL|SHOULD|MAY|REQUIRED|RECOMMENDED|OPTIONAL)\b(?!["`”])/;
const heading = /^(#{1,6})\s+(.+?)\s*#*$/;
const listItem = /^\s*(?:[-*+]|\d+[.)])\s+/;
const tableRow = /^\s*\|/;
const fence = /^\s*(?:```|~~~)/;

/** Explains the keywords and demands nothing. */
const conventions = /^Conventions used in this document$/i;

/**
 * The sections of a Markdown text with their clauses. A clause that ends a paragraph takes in the list or table after it, as far
 * as those have no keyword of their own: "MUST be serialized as" says nothing without its rows.
 *
 * Sections of one name are one section.
 */
export function sectionsOf(markdown: string): Section[] {
  const sections = new Map<string, string[]>();
  let blocks: string[] = [];
  let clauses: string[] = [];
  const close = (): void => {
    clauses.push(...clausesOf(blocks));
    blocks = [];
  };
  let fenced = false;
  for (const line of markdown.split("\n")) {
    if (fence.test(line)) fenced = !fenced;
    const [, , name] = (!fenced && heading.exec(line)) || [];
    if (name === undefined) {
      blocks.push(line);
      continue;
    }
    close();
    const key = plain(name);
    clauses = sections.get(key) ?? [];
    sections.set(key, clauses);
  }
  close();
  return Array.from(sections, ([name, texts]) => ({
    name,
    clauses: conventions.test(name) ? [] : texts.map((text) => ({ hash: hashOf(text), text })),
  }));
}

const hashOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex").slice(0, 12);

/** The clauses among the lines of one section. */
function clausesOf(lines: readonly string[]): string[] {
  const clauses: string[] = [];
  /** Whether a list, table or code continues the last clause. */
  let open = false;
  for (const { text, continues } of blocksOf(lines)) {
    const sentences = sentencesOf(text);
    const found = sentences.filter((sentence) => keyword.test(sentence));
    const last = clauses.at(-1);
    if (continues && found.length === 0) {
      if (open && last !== undefined) clauses[clauses.length - 1] = `${last} ${sentences.join(" ")}`;
      continue;
    }
    clauses.push(...found);
    if (found.length > 0 || !continues) open = found.length > 0 && sentences.at(-1) === found.at(-1);
  }
  return clauses;
}

interface Block {
  readonly text: string;
  /** A list item, a table's row or a line of code, which belongs to the paragraph before it. */
  readonly continues: boolean;
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  let current: string[] = [];
  let continues = false;
  const close = (): void => {
    const text = plain(current.join(" "));
    if (text !== "") blocks.push({ text, continues });
    current = [];
  };
  const begin = (as: boolean, text: string): void => {
    close();
    continues = as;
    current = [text];
  };
  let fenced = false;
  for (const line of lines) {
    if (fence.test(line)) {
      fenced = !fenced;
      close();
    } else if (fenced || tableRow.test(line)) begin(true, line);
    else if (listItem.test(line)) begin(true, line.replace(listItem, ""));
    else if (line.trim() === "") {
      close();
      continues = false;
    } else if (/^\S/.test(line) && current.length === 0) begin(false, line);
    else if (current.length === 0) begin(true, line);
    else current.push(line);
  }
  close();
  return blocks;
}

function sentencesOf(text: string): string[] {
  return text.split(/(?<=[.!?:])\s+(?=["'(A-Z0-9])/).filter((sentence) => sentence !== "");
}

/** What a reader sees of Markdown. */
function plain(markdown: string): string {
  return markdown
    .replace(/<!--.*?-->/g, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\|[\s:|-]*\|?$/g, "")
    .replace(/[`*\\|]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
