import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

async function dynaseal(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", main, "beacon-length", ...args]);
  return stdout;
}

/** The cells of the table, row by row. */
function cells(text: string): readonly (readonly string[])[] {
  const rows = text.split("\n").filter((line) => line.startsWith("│"));
  return rows.slice(1).map((line) =>
    line
      .split("│")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("dynaseal beacon-length", () => {
  it("advises a length for 100,000 values in 5 million items, and shows its neighbours", async () => {
    const output = await dynaseal("--distinct", "100000", "--rows", "5e6");
    const rows = cells(output);
    expect(rows.map(([length]) => Number(length))).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(rows.filter((row) => row.at(-1) === "fits: take this one")).toEqual([["15", "3.052", "152.6", "202.6", "fits: take this one"]]);
    expect(rows.map((row) => row.at(-1)?.slice(0, 4))).toEqual(["shor", "shor", ..."fits ".repeat(7).trim().split(" "), "long", "long"]);
    expect(output).toContain("A query looks for 50 on average");
    expect(output).not.toContain("\u001b[");
  });

  it("prints the same as JSON", async () => {
    const { recommended, lengths, distinct, rows } = JSON.parse(await dynaseal("--distinct", "1e5", "--rows", "5e6", "--json"));
    expect({ recommended, distinct, rows }).toEqual({ recommended: 15, distinct: 100_000, rows: 5_000_000 });
    expect(lengths[8]).toEqual({
      length: 15,
      valuesPerBeacon: 100_000 / 2 ** 15,
      falsePositives: 4_999_950 / 2 ** 15,
      rowsRead: 50 + 4_999_950 / 2 ** 15,
      advice: "fits",
    });
  });

  it("advises against a beacon on few values", async () => {
    expect(await dynaseal("--distinct", "4")).toContain("No length");
    expect(JSON.parse(await dynaseal("--distinct", "4", "--json"))).toMatchObject({ recommended: null });
  });

  it.each([
    ["no number of values", [], "--distinct"],
    ["a number that is none", ["--distinct", "many"], "at least 1"],
    ["more values than items", ["--distinct", "10", "--rows", "5"], "--rows must be at least --distinct"],
  ])("refuses %s, says why, and fails", async (_name, args, why) => {
    await expect(dynaseal(...args)).rejects.toMatchObject({ code: 252, stderr: expect.stringContaining(why) });
  });
});
