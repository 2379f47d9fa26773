import { countPlaintext } from "../src/cli/demo/plaintext-search.ts";
import { isDynasealError } from "../src/index.ts";
import type { Drill, Played } from "./drill.ts";
import { regions, type Site, startSite, tableName, tamperWith } from "./site.ts";

/** What a drill is played with. */
export interface PlayOptions {
  /** Customers that are written in each step. */
  readonly count: number;
  /** Leave the remedy out: the drill must then fail, or it would show nothing. */
  readonly withoutRemedy?: boolean;
}

/**
 * Plays a drill on two Regions of its own. Beside the drill's own outcomes it must end with no secret in any Region's bytes, and with a
 * changed item still refused.
 */
export async function playDrill(drill: Drill, { count, withoutRemedy = false }: PlayOptions): Promise<Played> {
  const seen: string[] = [];
  const run: string[] = [];
  const outcomes: { readonly what: string; readonly holds: boolean }[] = [];
  const site = await startSite(count);
  try {
    await drill.play(site, {
      sees: (what) => void seen.push(shown(what)),
      async runs(what, action) {
        run.push(what);
        if (!withoutRemedy) await action();
      },
      outcome: (what, holds) => void outcomes.push({ what, holds }),
    });
    await site.tables.settled();
    outcomes.push({ what: "no secret is in the bytes of any Region's table", holds: !(await secretsInTables(site)) });
    outcomes.push({ what: "an item that was changed in the table is still refused", holds: await changedItemIsRefused(site) });
  } finally {
    await site.stop();
  }
  return { drill, seen, run, outcomes };
}

function shown(what: unknown): string {
  if (isDynasealError(what)) return `\`${what.code}\`: ${what.message} ${what.hint}`;
  return what instanceof Error ? `\`${what.name}\`` : String(what);
}

async function secretsInTables(site: Site): Promise<boolean> {
  const items = (await Promise.all(regions.map((region) => site.tables.rawItems(region, tableName)))).flat();
  if (items.length === 0) throw new Error("A drill without items shows nothing.");
  return countPlaintext(items, ["secret-of-"]) > 0;
}

async function changedItemIsRefused(site: Site): Promise<boolean> {
  const [home = ""] = regions;
  const service = site.service(home, site.mrkKeyring());
  const customerId = "changed-0";
  await site.write(service, "changed");
  await tamperWith(site, home, customerId);
  return site.read(service, customerId).then(
    () => false,
    (error: unknown) => isDynasealError(error, "ERR_NOT_AUTHENTIC"),
  );
}
