import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rolldown } from "tsdown";
import { compareUtf16 } from "../src/bytes/index.ts";

const accepted = new Set(["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"]);
const packageFolder = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const licenceFile = /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string | { readonly type: string };
  readonly author?: string | { readonly name: string };
}

/**
 * Writes `THIRD_PARTY_NOTICES` into the output folder: name, version and licence text of every package of which a
 * module was bundled, taken from node_modules as it is at build time. One plugin that several configurations share
 * collects from all of them. A build that bundles a package under a licence we have not thought about fails.
 */
export function thirdPartyNotices(): Rolldown.Plugin {
  const folders = new Set<string>();
  return {
    name: "third-party-notices",
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        // Declarations hold no code of others.
        if (output.type !== "chunk" || /\.d\.[cm]?ts$/.test(output.fileName)) continue;
        for (const id of output.moduleIds) addFolder(folders, id);
      }
    },
    writeBundle(options) {
      if (options.dir === undefined) this.error("third-party-notices needs an output folder");
      else writeFileSync(join(options.dir, "THIRD_PARTY_NOTICES"), noticesOf(folders));
    },
  };
}

function addFolder(folders: Set<string>, moduleId: string): void {
  const [, folder] = packageFolder.exec(moduleId.replace(/^\0/, "")) ?? [];
  if (folder !== undefined) folders.add(folder);
}

function noticesOf(folders: Iterable<string>): string {
  const notices = Array.from(folders, noticeOf).toSorted(compareUtf16);
  return ["This package contains code of the following packages, each under its own licence.\n", ...notices].join(
    `\n${"-".repeat(80)}\n\n`,
  );
}

function noticeOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const { name, version, license, author } = manifest;
  const identifier = typeof license === "object" ? license.type : license;
  if (identifier === undefined || !accepted.has(identifier)) {
    throw new Error(
      `${name} ${version} is bundled under the licence ${identifier ?? "(none)"}: check it, then add it to the accepted ones`,
    );
  }
  const texts = readdirSync(folder)
    .filter((file) => licenceFile.test(file))
    .toSorted(compareUtf16)
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  const holder = typeof author === "object" ? author.name : author;
  // A package without such a file still names licence and author in its manifest.
  const text = texts.length > 0 ? texts.join("\n\n") : `Licence: ${identifier}${holder === undefined ? "" : `\nAuthor: ${holder}`}`;
  return `${name} ${version} (${identifier})\n\n${text}\n`;
}
