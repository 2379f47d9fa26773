import { multiKeyring } from "../src/index.ts";
import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { home } from "./site.ts";

export const kmsThrottled: Drill = {
  name: "kms-throttled",
  title: "KMS throttles",
  means: "Under a KMS keyring each item costs a call. The quota is the account's, so another service may have used it up.",
  async play(site, report) {
    const perItem = site.mrkKeyring();
    await site.write(site.service(home, perItem), "before");
    const store = site.keyStore(home);
    await store.createTable();
    const { branchKeyId } = await store.createKey();
    const lift = site.kms.faults.throttled(home, { action: "GenerateDataKey" });
    report.sees(await failureOf(site.write(site.service(home, perItem), "failing")));
    let keyring = perItem;
    await report.runs(
      "Deploy `multiKeyring({ generator: awsKmsHierarchicalKeyring({ keyStore, branchKeyId }), decryptOnly: [awsKmsMrkKeyring({ keyId })] })`: one call serves thousands of items, and items of before stay readable.",
      async () => {
        keyring = multiKeyring({ generator: site.hierarchicalKeyring(home, branchKeyId), decryptOnly: [perItem] });
      },
    );
    site.kms.clearEvents();
    const service = site.service(home, keyring);
    report.outcome("writing goes on while KMS throttles", (await countOf(site.write(service, "meanwhile"))) === site.count);
    const calls = site.kms.events.length;
    report.outcome("at the price of one call", calls === 1);
    report.outcome("items of before and after are read", (await countOf(site.readBack(service))) === 2 * site.count);
    lift();
  },
};
