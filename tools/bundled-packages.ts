import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
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

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly holder: string | undefined;
  readonly texts: readonly string[];
}

/**
 * Writes into the output folder what users are owed for the packages of which a module was bundled, taken from node_modules as
 * it is at build time: `THIRD_PARTY_NOTICES` with name, version and licence text of each, and `bom.cdx.json`, a bill of
 * materials in CycloneDX 1.6. One plugin that several configurations share collects from all of them. A build that bundles a
 * package under a licence we have not thought about fails.
 */
export function bundledPackages(): Rolldown.Plugin {
  const folders = new Set<string>();
  return {
    name: "bundled-packages",
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        // Declarations hold no code of others.
        if (output.type !== "chunk" || /\.d\.[cm]?ts$/.test(output.fileName)) continue;
        for (const id of output.moduleIds) addFolder(folders, id);
      }
    },
    writeBundle(options) {
      if (options.dir === undefined) return this.error("bundled-packages needs an output folder");
      const packages = Array.from(folders, bundledPackage).toSorted((one, other) => compareUtf16(one.name, other.name));
      writeFileSync(join(options.dir, "THIRD_PARTY_NOTICES"), noticesOf(packages));
      writeFileSync(join(options.dir, "bom.cdx.json"), `${billOfMaterials(packages)}\n`);
    },
  };
}

function addFolder(folders: Set<string>, moduleId: string): void {
  const [, folder] = packageFolder.exec(moduleId.replace(/^\0/, "")) ?? [];
  if (folder !== undefined) folders.add(folder);
}

function bundledPackage(folder: string): BundledPackage {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
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
  return { name, version, licence: identifier, holder: typeof author === "object" ? author.name : author, texts };
}

function noticesOf(packages: readonly BundledPackage[]): string {
  const notices = packages.map(({ name, version, licence, holder, texts }) => {
    // A package without such a file still names licence and author in its manifest.
    const text = texts.length > 0 ? texts.join("\n\n") : `Licence: ${licence}${holder === undefined ? "" : `\nAuthor: ${holder}`}`;
    return `${name} ${version} (${licence})\n\n${text}\n`;
  });
  return ["This package contains code of the following packages, each under its own licence.\n", ...notices].join(
    `\n${"-".repeat(80)}\n\n`,
  );
}

/** Without a serial number and a time: the same build gives the same bytes. */
function billOfMaterials(packages: readonly BundledPackage[]): string {
  const bom = new Models.Bom();
  const own = componentOf(JSON.parse(readFileSync("package.json", "utf8")) as Manifest, "Apache-2.0");
  bom.metadata.component = own;
  for (const bundled of packages) {
    const component = componentOf(bundled, bundled.licence);
    bom.components.add(component);
    own.dependencies.add(component.bomRef);
  }
  return new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)).serialize(bom, { sortLists: true, space: 2 });
}

function componentOf({ name, version }: Pick<Manifest, "name" | "version">, licence: string): Models.Component {
  const [group, bare] = name.startsWith("@") ? name.split("/", 2) : [undefined, name];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return new Models.Component(Enums.ComponentType.Library, bare ?? name, {
    ...(group !== undefined && { group }),
    version,
    purl,
    bomRef: purl,
    licenses: new Models.LicenseRepository([new Models.SpdxLicense(licence)]),
  });
}
