import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileProblems } from "./file-problems.ts";

// Every file that git knows or would take, so that a new one is looked at before its first commit.
const root = fileURLToPath(new URL("..", import.meta.url));
const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });

const problems = listed
  .split("\0")
  .filter((path) => path !== "" && existsSync(`${root}${path}`) && statSync(`${root}${path}`).isFile())
  .flatMap((path) => fileProblems(path, readFileSync(`${root}${path}`, "utf8")));

for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
