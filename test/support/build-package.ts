import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Makes `dist/` once for all tests of the package, as `npm run build` does. */
export async function setup(): Promise<void> {
  await promisify(execFile)("npm", ["run", "build"], { cwd: fileURLToPath(new URL("../..", import.meta.url)) });
}
