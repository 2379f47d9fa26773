import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Drill } from "./drill.ts";
import { countOf, failureOf } from "./failure-of.ts";
import { away, home, keyStoreTable } from "./site.ts";

const restored = "branch-keys-restored";

export const keyStoreRestored: Drill = {
  name: "key-store-restored",
  title: "Key store items are gone",
  means: "Processes that run have the branch key in their caches until `ttlSeconds` end. New ones cannot read, so a backup is needed soon.",
  async play(site, report) {
    const store = site.keyStore(home);
    await store.createTable();
    const { branchKeyId } = await store.createKey();
    const warm = site.service(home, site.hierarchicalKeyring(home, branchKeyId));
    await site.write(warm, "customer");
    await site.tables.settled();
    const backup = await site.tables.rawItems(home, keyStoreTable);
    for (const { "branch-key-id": id, type } of backup) {
      const Key = { "branch-key-id": id ?? { S: "" }, type: type ?? { S: "" } };
      await site.client(home).send(new DeleteItemCommand({ TableName: keyStoreTable, Key }));
    }
    await site.tables.settled();
    report.outcome("a process with a warm cache goes on", (await countOf(site.readBack(warm))) === site.count);
    report.sees(await failureOf(site.readBack(site.service(home, site.hierarchicalKeyring(home, branchKeyId)))));
    let tableName = keyStoreTable;
    await report.runs(
      `Restore the key store's table to a point before the loss, under a new name, in every Region. Deploy \`tableName: "${restored}"\`; \`logicalKeyStoreName\` stays what it was, since every key is bound to it.`,
      async () => {
        await site.keyStore(home, { tableName: restored }).createTable({ replicas: [away] });
        for (const Item of backup) await site.client(home).send(new PutItemCommand({ TableName: restored, Item }));
        await site.tables.settled();
        tableName = restored;
      },
    );
    for (const region of [home, away]) {
      const cold = site.service(region, site.hierarchicalKeyring(region, branchKeyId, { tableName }));
      report.outcome(`a new process in ${region} reads everything`, (await countOf(site.readBack(cold))) === site.count);
    }
  },
};
