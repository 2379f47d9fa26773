import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { packedProject } from "../support/packed-project.ts";

const page = fileURLToPath(new URL("../../docs/quick-start.md", import.meta.url));
const standIn = fileURLToPath(new URL("../support/aws-command.mjs", import.meta.url));
const regions = ["us-east-1", "eu-west-1"];

let project: string;
let kms: LocalKms;
let tables: LocalGlobalTable;
beforeAll(async () => {
  project = await packedProject();
  kms = await startLocalKms({ regions });
  tables = await startLocalGlobalTable({ regions, tableScope: "one-region" });
  const aws = join(project, "node_modules/.bin/aws");
  await writeFile(aws, `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "$@"\n`);
  await chmod(aws, 0o755);
}, 240_000);
afterAll(async () => {
  await Promise.all([kms.stop(), tables.stop(), rm(project, { recursive: true, force: true })]);
});

/** The page as one script: a block that follows a file's name and a colon is that file, other files and commands come in their order. */
async function scriptOf(markdown: string): Promise<{ readonly script: string; readonly shown: readonly string[] }> {
  const commands: string[] = [];
  const shown: string[] = [];
  for (const [, before = "", language, text = ""] of markdown.matchAll(/([^\n]*)\n\n```(\w+)\n(.*?)^```$/gms)) {
    const file = /`([\w./]+)`[^`]*:$/.exec(before)?.[1];
    if (language === "text") shown.push(text);
    else if (language === "sh") commands.push(text);
    else if (file === undefined) throw new Error(`A block of ${language} has no file: ${before}`);
    else {
      await mkdir(dirname(join(project, file)), { recursive: true });
      await writeFile(join(project, file), text);
    }
  }
  // The package is installed from its tarball.
  const script = commands.filter((text) => !text.startsWith("npm install ")).join("\n");
  return { script, shown };
}

describe("docs/quick-start.md", () => {
  it("installs the package and the peers that it needs", async () => {
    const { peerDependencies, peerDependenciesMeta } = JSON.parse(
      await readFile(join(project, "node_modules/dynaseal/package.json"), "utf8"),
    ) as { peerDependencies: object; peerDependenciesMeta: object };
    const [, names = ""] = /^npm install (.*)$/m.exec(await readFile(page, "utf8")) ?? [];
    const needed = Object.keys(peerDependencies).filter((name) => !Object.hasOwn(peerDependenciesMeta, name));
    expect(names.split(" ")).toEqual(expect.arrayContaining(["dynaseal", ...needed, "@aws-sdk/client-kms"]));
  });

  it("leads from an empty folder to an item that is written in one Region and read in the other", async () => {
    const { script, shown } = await scriptOf(await readFile(page, "utf8"));
    const environment = {
      PATH: `${join(project, "node_modules/.bin")}:${process.env["PATH"]}`,
      HOME: project,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
    };
    const waiting = script.replace("AWS_REGION=eu-west-1 node read.mjs", "sleep 1\n$&");
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-euo", "pipefail", "-c", waiting], { cwd: project, env: environment });
    for (const text of shown) expect(stdout).toContain(text);
    const stored = await readFile(join(project, "stored.json"), "utf8");
    expect(stored).toContain("gold");
    expect(stored).not.toMatch(/ann@|Example Street/);
    expect(stdout).toMatch(/email\s+ENCRYPT_AND_SIGN/);
    expect(new Set(kms.events.map(({ awsRegion, eventName }) => `${eventName} ${awsRegion}`))).toEqual(
      new Set(["CreateKey us-east-1", "ReplicateKey us-east-1", "GenerateDataKey us-east-1", "Decrypt us-east-1", "Decrypt eu-west-1"]),
    );
  });
});
