import type { Played } from "./drill.ts";

/** The runbook, from drills as they went: what is written here was seen, run and reached. */
export function runbook(played: readonly Played[]): string {
  const head = [
    "# Runbook",
    "",
    "Made by `npm run drill -- --write` from game days on two local Regions (`drills/`): what is seen, what to run, what came of it. A test plays",
    "each drill, plays it again without its remedy, which must fail, and compares this page. The messages are those of the library.",
    "",
    "| what happened | first sign |",
    "| --- | --- |",
    ...played.map(({ drill, seen }) => `| [${drill.title}](#${anchorOf(drill.title)}) | ${firstSign(seen)} |`),
  ];
  return `${[...head, ...played.flatMap(section)].join("\n")}\n`;
}

function section({ drill, seen, run, outcomes }: Played): readonly string[] {
  return [
    "",
    `## ${drill.title}`,
    "",
    drill.means,
    "",
    "**What you see**",
    "",
    ...seen.map((line) => `- ${line}`),
    "",
    "**What to do**",
    "",
    ...run.map((line, index) => `${index + 1}. ${line}`),
    "",
    "**What is so afterwards**",
    "",
    ...outcomes.map(({ what }) => `- ${what}`),
  ];
}

function firstSign([first = ""]: readonly string[]): string {
  return /^`\w+`/.exec(first)?.[0] ?? first;
}

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}
