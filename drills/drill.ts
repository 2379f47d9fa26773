import type { Site } from "./site.ts";

/** What a drill tells: in the terminal, and in the runbook. */
export interface Report {
  /** What an operator sees: an error with its code and hint, or a line of a report. */
  sees(what: unknown): void;
  /** What an operator runs. Where the drill is played without its remedy, nothing is run. */
  runs(what: string, action: () => Promise<unknown>): Promise<void>;
  /** What has to be so at the end. */
  outcome(what: string, holds: boolean): void;
}

/** One game: what breaks, what is seen, what helps. */
export interface Drill {
  readonly name: string;
  /** A heading: what happened. */
  readonly title: string;
  /** One sentence for the runbook: what it means. */
  readonly means: string;
  play(site: Site, report: Report): Promise<void>;
}

/** How a drill went. */
export interface Played {
  readonly drill: Drill;
  readonly seen: readonly string[];
  readonly run: readonly string[];
  readonly outcomes: readonly { readonly what: string; readonly holds: boolean }[];
}
