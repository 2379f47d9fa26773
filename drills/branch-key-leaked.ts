import { describeItem } from "../src/index.ts";
import { tableJob } from "../src/jobs/index.ts";
import type { Drill } from "./drill.ts";
import { countOf } from "./failure-of.ts";
import { customers, home, type Site, tableName } from "./site.ts";

export const branchKeyLeaked: Drill = {
  name: "branch-key-leaked",
  title: "A branch key leaked",
  means: "Who has the bytes of a version opens, and forges, every item under it, without KMS. A rotation alone changes new items only.",
  async play(site, report) {
    const store = site.keyStore(home);
    await store.createTable();
    const { branchKeyId, branchKeyVersion: leaked } = await store.createKey();
    await site.write(site.service(home, site.hierarchicalKeyring(home, branchKeyId)), "customer");
    const under = await itemsUnder(site, leaked);
    report.sees(
      `\`dynaseal table verify\`, which counts items by version: ${under === site.count ? "all" : "not all"} are under the one that leaked.`,
    );
    await report.runs("`dynaseal key-store version-key <branch key id>`, in one Region.", () => store.versionKey({ branchKeyId }));
    await report.runs("Start readers and writers anew, or wait for `ttlSeconds`; then `dynaseal table re-encrypt`.", async () => {
      const job = tableJob({
        job: "re-encrypt",
        client: site.client(home),
        schema: customers,
        keyring: site.hierarchicalKeyring(home, branchKeyId),
      });
      let cursor: Awaited<ReturnType<typeof job.page>>["cursor"];
      do {
        ({ cursor } = await job.page({ segment: 0, totalSegments: 1, cursor }));
      } while (cursor !== undefined);
    });
    report.outcome("no item is under the version that leaked", (await itemsUnder(site, leaked)) === 0);
    const service = site.service(home, site.hierarchicalKeyring(home, branchKeyId));
    report.outcome("everything is read, as it was written", (await countOf(site.readBack(service))) === site.count);
  },
};

async function itemsUnder(site: Site, version: string): Promise<number> {
  const stored = await site.tables.rawItems(home, tableName);
  return stored.filter((item) => JSON.stringify(describeItem(item)).includes(version)).length;
}
