import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { errorTable } from "../../src/errors/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((page) => page.endsWith(".md"));
const read = (page: string): string => readFileSync(join(root, page), "utf8");
const prose = (page: string): string => read(page).replaceAll(/^```.*?^```$/gms, "");

/** As GitHub makes them: lower case, no punctuation, hyphens for spaces, a number where a title comes again. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const titles = [...prose(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, title = ""]) => title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
  return new Set(
    titles.map((title) => {
      const anchor = title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-");
      const count = seen.get(anchor) ?? 0;
      seen.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

function brokenLinks(page: string, text: string): readonly string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^https?:/.test(target));
  return targets.filter((target) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : normalize(join(dirname(page), path));
    if (!existsSync(join(root, file))) return true;
    if (anchor === undefined) return false;
    return statSync(join(root, file)).isDirectory() || !anchorsOf(file).has(anchor);
  });
}

describe.each(pages)("%s", (page) => {
  it("links to what is there", () => {
    expect(brokenLinks(page, prose(page))).toEqual([]);
  });

  it("names error codes that there are", () => {
    const named = new Set(prose(page).match(/\bERR_[A-Z_]*[A-Z]\b(?!_?…)/g));
    expect([...named].filter((code) => !Object.hasOwn(errorTable, code))).toEqual([]);
  });
});

it("a link to a page or a title that is gone is found", () => {
  const text = "[a](search.md) [b](gone.md) [c](search.md#gone) [d](#gone) [e](operations-guide.md#rotating-keys)";
  expect(brokenLinks("docs/reads.md", text)).toEqual(["gone.md", "search.md#gone", "#gone"]);
});

it("every page of docs/ is linked from another page", () => {
  const linked = pages.flatMap((page) =>
    [...prose(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, target = ""]) => normalize(join(dirname(page), target))),
  );
  expect(pages.filter((page) => page.startsWith("docs/") && !linked.includes(page))).toEqual([]);
});
