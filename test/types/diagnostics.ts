import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What the compiler says of each text, as a file of its own in one program under the strictest settings that users have.
 *
 * @returns by name: the messages, each as one line
 */
export function diagnosticsOf(texts: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  const files = new Map(Object.entries(texts).map(([name, text]) => [`${root}test/types/virtual-${name}.ts`, text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    resolveJsonModule: true,
  };
  const host = ts.createCompilerHost(options);
  const [readFile, fileExists, getSourceFile] = [host.readFile, host.fileExists, host.getSourceFile].map((method) => method.bind(host)) as [
    typeof host.readFile,
    typeof host.fileExists,
    typeof host.getSourceFile,
  ];
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    Object.keys(texts).map((name) => {
      const source = program.getSourceFile(`${root}test/types/virtual-${name}.ts`);
      const found = source === undefined ? [] : [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))];
    }),
  );
}
