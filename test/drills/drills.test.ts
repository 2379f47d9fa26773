import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Played } from "../../drills/drill.ts";
import { drills } from "../../drills/drills.ts";
import { playDrill } from "../../drills/play-drill.ts";
import { runbook } from "../../drills/runbook.ts";

const failedOf = ({ outcomes }: Played): readonly string[] => outcomes.filter(({ holds }) => !holds).map(({ what }) => what);
/** What is random in a run: ids, versions, times. */
const withoutChance = (text: string): string =>
  text
    .replaceAll(/mrk-[0-9a-f]{32}/g, "mrk")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "uuid")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "time");

describe.each(drills.map((drill) => [drill.name, drill] as const))("the drill %s", (_, drill) => {
  it("ends with everything written, nothing in clear, nothing unverified", async () => {
    const played = await playDrill(drill, { count: 3 });
    expect(failedOf(played)).toEqual([]);
    expect(played.run.length).toBeGreaterThan(0);
  });

  it("fails without its remedy", async () => {
    const failed = await playDrill(drill, { count: 3, withoutRemedy: true }).then(failedOf);
    expect(failed).not.toEqual([]);
  });
});

it("docs/runbook.md is what the drills say", async () => {
  const played: Played[] = [];
  for (const drill of drills) played.push(await playDrill(drill, { count: 2 }));
  const page = await readFile(new URL("../../docs/runbook.md", import.meta.url), "utf8");
  expect(withoutChance(runbook(played))).toBe(withoutChance(page));
});
