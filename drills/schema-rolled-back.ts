import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { defineTable } from "../src/index.ts";
import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { home, tableName } from "./site.ts";

/** The release before: it does not know `email`. */
const before = defineTable({
  tableName,
  partitionKey: "customerId",
  attributes: { tier: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
});

export const schemaRolledBack: Drill = {
  name: "schema-rolled-back",
  title: "A deployment brought an old schema back",
  means:
    "The old schema does not name an attribute that the new one encrypts. It is never written in clear; items say themselves how they are protected, so they stay readable.",
  async play(site, report) {
    const keyring = site.mrkKeyring();
    await site.write(site.service(home, keyring), "customer");
    const old = site.service(home, keyring, before);
    const Item = { customerId: "late", email: "secret-of-late@mail.example", tier: "gold" };
    report.sees(await failureOf(old.send(new PutCommand({ TableName: tableName, Item }))));
    report.outcome("the old release reads what the new one wrote", (await countOf(site.readBack(old))) === site.count);
    let service = old;
    await report.runs("Deploy the schema that the items were written under. Put `dynaseal schema diff OLD NEW` into CI.", async () => {
      service = site.service(home, keyring);
    });
    report.outcome("writing goes on", (await countOf(site.write(service, "later"))) === site.count);
    report.outcome("everything is read, as it was written", (await countOf(site.readBack(service))) === 2 * site.count);
  },
};
