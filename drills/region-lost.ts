import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { away, home } from "./site.ts";

export const regionLost: Drill = {
  name: "region-lost",
  title: "A Region is lost: KMS and table",
  means: "Requests to the Region fail. What had been replicated is whole in the others, and their replicas of the key open it.",
  async play(site, report) {
    const keyring = site.mrkKeyring();
    await site.write(site.service(home, keyring), "before");
    await site.tables.settled();
    const lifts = [site.kms.faults.down(home)];
    report.sees(await failureOf(site.readBack(site.service(home, keyring))));
    lifts.push(site.tables.faults.down(home));
    report.sees(await failureOf(site.readBack(site.service(home, keyring))));
    let region = home;
    await report.runs(`Send the traffic to ${away}: writers and readers there need no other configuration.`, async () => {
      region = away;
    });
    const service = site.service(region, keyring);
    report.outcome("what was written before is read in the Region that is left", (await countOf(site.readBack(service))) === site.count);
    report.outcome("writing goes on", (await countOf(site.write(service, "meanwhile"))) === site.count);
    for (const lift of lifts) lift();
    await site.tables.settled();
    report.outcome(
      "the Region that came back has both, without repair",
      (await countOf(site.readBack(site.service(home, keyring)))) === 2 * site.count,
    );
  },
};
