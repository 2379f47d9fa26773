import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DynasealError, errorTable } from "../../src/errors/index.ts";

const codes = Object.keys(errorTable);

describe("the table of error codes", () => {
  const folder = new URL("..", import.meta.url);
  const tests = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith("error-table.test.ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"))
    .join("\n");

  it.each(codes)("%s has a test that names it", (code) => {
    expect(tests).toContain(code);
  });

  it.each(codes)("%s says what to do", (code) => {
    const { meaning, hint } = errorTable[code as keyof typeof errorTable];
    for (const part of [meaning, hint]) if (typeof part === "string") expect(part.length).toBeGreaterThan(15);
  });
});

describe("DynasealError", () => {
  it("is recognised across copies of the package by its brand, and keeps code, details, hint and cause", () => {
    const cause = new Error("below");
    const error = new DynasealError("ERR_KEY_MISSING", { details: { tableName: "t", attribute: "id" }, cause });
    expect(error).toMatchObject({ name: "DynasealError", code: "ERR_KEY_MISSING", details: { tableName: "t", attribute: "id" }, cause });
    expect(error.message).toContain('"id"');
    const foreign = Object.assign(new Error("from another copy"), { [Symbol.for("dynaseal.error")]: true });
    expect(foreign instanceof DynasealError).toBe(true);
    expect(new Error("other") instanceof DynasealError).toBe(false);
  });
});
