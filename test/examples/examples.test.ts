import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const folder = new URL("../../examples/", import.meta.url);

describe("examples run", () => {
  it.each(readdirSync(folder).filter((file) => file.endsWith(".ts")))("%s", async (file) => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", fileURLToPath(new URL(file, folder))]);
    expect(stdout.trim().length).toBeGreaterThan(0);
  });
});
