import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { home } from "./site.ts";

const hour = 3_600_000;

export const clockWrong: Drill = {
  name: "clock-wrong",
  title: "The clock of the host that rotated a branch key was wrong",
  means:
    "A version says when it was made. Readers that demand a minimum (`minimumCreateTime`) refuse one that seems older, as they refuse a roll-back.",
  async play(site, report) {
    const store = site.keyStore(home);
    await store.createTable();
    const { branchKeyId } = await store.createKey();
    await site.write(site.service(home, site.hierarchicalKeyring(home, branchKeyId)), "before");
    const before = new Date().toISOString();
    const slow = site.keyStore(home, { clock: { now: () => Date.now() - 2 * hour } });
    await slow.versionKey({ branchKeyId });
    const minimumCreateTime = before;
    const service = () => site.service(home, site.hierarchicalKeyring(home, branchKeyId, { minimumCreateTime }));
    report.sees(await failureOf(site.write(service(), "failing")));
    await report.runs(
      "Set the clock of the host right (`timedatectl`, `chronyc tracking`), and run `dynaseal key-store version-key <branch key id>` once more.",
      () => store.versionKey({ branchKeyId }),
    );
    report.outcome(
      "writing goes on, under a version with the right time",
      (await countOf(site.write(service(), "customer"))) === site.count,
    );
    report.outcome("and everything is read", (await countOf(site.readBack(service()))) === 2 * site.count);
  },
};
