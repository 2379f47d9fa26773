/**
 * A game day on two local Regions: `npm run drill`, `npm run drill -- --drill tenant-erased --count 100`. With `--write` the runbook in
 * docs/ is made anew.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createScreen } from "../src/cli/demo/screen.ts";
import type { Played } from "./drill.ts";
import { drills } from "./drills.ts";
import { playDrill } from "./play-drill.ts";
import { runbook } from "./runbook.ts";

const { values } = parseArgs({
  options: { drill: { type: "string" }, count: { type: "string", default: "50" }, write: { type: "boolean", default: false } },
});
const chosen = drills.filter(({ name }) => values.drill === undefined || name === values.drill);
if (chosen.length === 0) throw new Error(`no drill "${values.drill}"; there are ${drills.map(({ name }) => name).join(", ")}`);

const screen = createScreen(process.stdout);
const all: Played[] = [];
for (const drill of chosen) {
  screen.title(drill.title);
  const played = await playDrill(drill, { count: Number(values.count) });
  all.push(played);
  for (const line of played.seen) screen.note(`seen  ${line}`);
  for (const line of played.run) screen.note(`run   ${line}`);
  for (const { what, holds } of played.outcomes) (holds ? screen.done : screen.failed)(what);
}
const failed = all.filter(({ outcomes }) => outcomes.some(({ holds }) => !holds));
screen.line(`\n${all.length} drills, ${failed.length} failed`);
if (values.write && failed.length === 0 && values.drill === undefined) {
  writeFileSync(new URL("../docs/runbook.md", import.meta.url), runbook(all));
}
process.exitCode = failed.length === 0 ? 0 : 1;
