import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel, type ExtractorMessage } from "@microsoft/api-extractor";

/**
 * One report of the public surface for each entry point, from the built declarations, in `docs/api-report/`: a change of the
 * surface shows in the commit that makes it. With `--check`, a stale report fails. Either way a type that stands in a public
 * signature and is exported nowhere fails.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/api-report");
const checks = process.argv.includes("--check");
const main = ".";

/** Types that compute other types: what users see is their result. */
const computations: ReadonlySet<string> = new Set([
  ...["AttributeOf", "CheckedAttributes", "EntitiesOf", "EntityValues", "Flat", "InputOf", "KeyNameOf"],
  ...["KeyValues", "NameOf", "NoOthers", "OwnValues", "Searched"],
]);

/** The details of one module's codes, all of which `ErrorDetails` has. */
function isErrorDetails(symbol: string): boolean {
  return symbol.endsWith("ErrorDetails");
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import?: { readonly types: string } }>>;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const temporary = mkdtempSync(join(tmpdir(), "api-report-"));
const problems: string[] = [];
mkdirSync(folder, { recursive: true });

/** The names that the main entry point exports: they may stand in the signatures of the others. */
const exportedByMain = new Set<string>();

for (const [entry, target] of Object.entries(manifest.exports)) {
  const types = typeof target === "string" ? undefined : target.import?.types;
  if (types === undefined) continue;
  const name = entry === main ? "index" : entry.slice(2);
  const { forgotten, changed } = report(join(root, types), name);
  const text = readFileSync(join(folder, `${name}.api.md`), "utf8");
  if (entry === main)
    for (const found of text.matchAll(/^export (?:\w+ )*?(?:interface|type|function|class|const) (\w+)/gm))
      exportedByMain.add(found[1] ?? "");
  for (const symbol of forgotten) {
    if (computations.has(symbol) || isErrorDetails(symbol) || exportedByMain.has(symbol)) continue;
    problems.push(`${entry}: the type ${symbol} stands in a public signature and is not exported`);
  }
  if (checks && changed) problems.push(`docs/api-report/${name}.api.md is stale: run npm run generate:api and commit the result`);
}

rmSync(temporary, { recursive: true });
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function report(mainEntryPointFilePath: string, name: string): { readonly forgotten: readonly string[]; readonly changed: boolean } {
  const existed = existsSync(join(folder, `${name}.api.md`));
  const quiet = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath,
      compiler: { tsconfigFilePath: join(root, "tsconfig.json") },
      apiReport: {
        enabled: true,
        reportFolder: folder,
        reportTempFolder: temporary,
        reportFileName: `${name}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: { compilerMessageReporting: quiet, tsdocMessageReporting: quiet, extractorMessageReporting: quiet },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, "package.json"),
  });
  const forgotten: string[] = [];
  const result = Extractor.invoke(config, {
    localBuild: !checks,
    showVerboseMessages: false,
    messageCallback(message: ExtractorMessage) {
      if (message.messageId === "ae-forgotten-export") forgotten.push(/symbol "(\w+)"/.exec(message.text)?.[1] ?? message.text);
      message.handled = true;
    },
  });
  return { forgotten, changed: !existed || result.apiReportChanged };
}
