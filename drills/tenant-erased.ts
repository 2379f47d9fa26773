import { isDynasealError } from "../src/index.ts";
import type { Drill } from "./drill.ts";
import { countOf } from "./failure-of.ts";
import { away, home, regions, type Site } from "./site.ts";

export const tenantErased: Drill = {
  name: "tenant-erased",
  title: "A tenant has to be erased",
  means: "Each tenant has a branch key of its own. Without it nothing that was encrypted under it can be read, in any Region or copy.",
  async play(site, report) {
    const store = site.keyStore(home);
    await store.createTable({ replicas: [away] });
    const leaving = await store.createKey({ branchKeyId: "tenant-leaving", encryptionContext: { tenant: "leaving" } });
    const staying = await store.createKey({ branchKeyId: "tenant-staying", encryptionContext: { tenant: "staying" } });
    const service = (region: string, branchKeyId: string) => site.service(region, site.hierarchicalKeyring(region, branchKeyId));
    await site.write(service(home, leaving.branchKeyId), "leaving");
    const erased = new Map(site.ledger);
    site.ledger.clear();
    await site.write(service(home, staying.branchKeyId), "staying");
    await site.tables.settled();
    report.sees("A request to erase a tenant, with a date.");
    await report.runs("`dynaseal key-store disable-key tenant-leaving`: reversible; wait for complaints.", () =>
      store.disableKey({ branchKeyId: leaving.branchKeyId }),
    );
    await report.runs("Seven days later: `dynaseal key-store erase-key tenant-leaving --confirm tenant-leaving`.", () =>
      store.eraseKey({ branchKeyId: leaving.branchKeyId, confirm: leaving.branchKeyId, pendingDays: 0 }),
    );
    await site.tables.settled();
    const found = await store.verifyKeyErased({ branchKeyId: leaving.branchKeyId, regions, lagSeconds: 0 });
    report.outcome("no Region has anything of the key left", found.erased);
    for (const region of regions) {
      const codes = await codesOf(site, region, leaving.branchKeyId, [...erased.keys()]);
      report.outcome(
        `none of its items is read in ${region}: ${codes.join(", ")}`,
        codes.length === 1 && codes[0] === "ERR_BRANCH_KEY_ERASED",
      );
      const others = service(region, staying.branchKeyId);
      report.outcome(`the other tenant is read in ${region}`, (await countOf(site.readBack(others))) === site.count);
    }
  },
};

/** What reading each of the items ends with; "read" where it does not fail. */
async function codesOf(site: Site, region: string, branchKeyId: string, ids: readonly string[]): Promise<readonly string[]> {
  const service = site.service(region, site.hierarchicalKeyring(region, branchKeyId));
  const codes = new Set<string>();
  for (const customerId of ids) {
    codes.add(
      await site.read(service, customerId).then(
        () => "read",
        (error: unknown) => (isDynasealError(error) ? error.code : "another error"),
      ),
    );
  }
  return [...codes];
}
