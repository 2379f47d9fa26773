import { readdirSync, readFileSync } from "node:fs";

/** `@see file "Section"`: a place in the sources or tests that holds a section of the specification. */
export interface Marker {
  /** Where it stands: `path:line`. */
  readonly place: string;
  readonly file: string;
  /** `undefined` where the whole file is named, which counts for none of its sections. */
  readonly section: string | undefined;
}

const cited = /((?:specification|framework|data-format)\/[\w./-]+\.md)((?:,?\s*"[^"]+")*)/g;

/** The markers of a text. A marker may name several sections and several files: `@see a.md "A", "B"; b.md "C"`. */
export function markersOf(path: string, text: string): Marker[] {
  return text.split("\n").flatMap((line, index) => {
    const [, ...after] = line.split("@see ");
    return [...after.join(" ").matchAll(cited)].flatMap(([, file = "", quoted = ""]) => {
      const sections = Array.from(quoted.matchAll(/"([^"]+)"/g), ([, name]) => name);
      return (sections.length === 0 ? [undefined] : sections).map((section) => ({ place: `${path}:${index + 1}`, file, section }));
    });
  });
}

/** The markers of all TypeScript files in a folder. */
export function markersIn(root: string, folder: string): Marker[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.includes("node_modules"))
    .sort()
    .flatMap((path) => markersOf(`${folder}/${path}`, readFileSync(`${root}/${folder}/${path}`, "utf8")));
}
