import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command, and fails with all that it printed. @returns standard output */
export async function run(cwd: string, command: string, ...parameters: readonly string[]): Promise<string> {
  try {
    return (
      await promisify(execFile)(command, [...parameters], {
        cwd,
        maxBuffer: 32 << 20,
        env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" },
      })
    ).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${parameters.join(" ")} failed\n${stdout}\n${stderr}`);
  }
}

/** An empty project with the packed tarball and its peers, installed by npm. @returns its folder, for the caller to remove */
export async function packedProject(): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "dynaseal-consumer-"));
  const packed = JSON.parse(await run(root, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", project)) as unknown;
  const [{ filename }] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as [{ filename: string }];
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
  const peers = ["client-dynamodb", "client-kms", "lib-dynamodb", "util-dynamodb"].map((name) => `@aws-sdk/${name}`);
  const dependencies = Object.fromEntries([["dynaseal", `file:${filename}`], ...peers.map((name) => [name, devDependencies[name]])]);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, dependencies }));
  await run(project, "npm", "install", "--no-audit", "--no-fund", "--omit=dev");
  const types = ["@types/node", "undici-types"];
  await Promise.all(types.map((name) => cp(join(root, "node_modules", name), join(project, "node_modules", name), { recursive: true })));
  return project;
}
