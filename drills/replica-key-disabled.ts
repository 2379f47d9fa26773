import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { away, home } from "./site.ts";

export const replicaKeyDisabled: Drill = {
  name: "replica-key-disabled",
  title: "Somebody disabled a Region's replica of the key",
  means: "Each replica of a multi-Region key is enabled, disabled and permitted by itself. The other Regions do not notice.",
  async play(site, report) {
    const keyring = site.mrkKeyring();
    await site.write(site.service(home, keyring), "customer");
    await site.tables.settled();
    const KeyId = site.keyArn.replace(home, away);
    await site.kmsClient(away).send(new DisableKeyCommand({ KeyId }));
    report.sees(await failureOf(site.readBack(site.service(away, keyring))));
    report.outcome("the other Region reads as before", (await countOf(site.readBack(site.service(home, keyring)))) === site.count);
    await report.runs(`\`aws kms enable-key --key-id … --region ${away}\`, and find out in CloudTrail who called \`DisableKey\`.`, () =>
      site.kmsClient(away).send(new EnableKeyCommand({ KeyId })),
    );
    report.outcome(
      "the Region reads again, and nothing was lost",
      (await countOf(site.readBack(site.service(away, keyring)))) === site.count,
    );
  },
};
