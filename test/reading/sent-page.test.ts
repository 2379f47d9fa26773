import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { createPeopleTable, peopleOptions } from "../support/people.ts";
import { inProcess, type ReadServer } from "../support/reads/read-server.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";

const TableName = "people-of-long-filters";

describe("a filter that hashes make longer than the service takes", () => {
  let server: ReadServer;
  let proxy: RecordingProxy;
  beforeAll(async () => {
    server = await inProcess();
    proxy = await startRecordingProxy({ endpoint: server.config.endpoint });
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  it("is decided after decryption", async () => {
    await createPeopleTable(new DynamoDBClient(server.config), TableName, "encrypted");
    const base = new DynamoDBClient({ ...server.config, endpoint: proxy.endpoint });
    const client = encryptedClient(base, peopleOptions(TableName, { length: 63, partitions: 255 }));
    const cities = ["Ulm", "Bern", "Graz", "Wien"];
    for (const city of cities) {
      const Item = {
        personId: { S: city },
        recordId: { S: "profile" },
        city: { S: city },
        tier: { S: city === "Bern" ? "silver" : "gold" },
      };
      await client.send(new PutItemCommand({ TableName, Item }));
    }
    const scan = async (FilterExpression: string, given: Readonly<Record<string, string>>) => {
      const ExpressionAttributeValues = Object.fromEntries(Object.entries(given).map(([name, S]) => [name, { S }]));
      const { Items = [] } = await client.send(new ScanCommand({ TableName, FilterExpression, ExpressionAttributeValues }));
      const sent = JSON.parse(proxy.requests.at(-1)?.body ?? "{}") as { FilterExpression?: string };
      return { found: Items.map(({ city }) => city?.S).sort(), sent: sent.FilterExpression };
    };
    const short = await scan("city = :a AND tier = :t", { ":a": "Ulm", ":t": "gold" });
    expect(short.found).toEqual(["Ulm"]);
    expect(short.sent?.length).toBeLessThan(4096);
    const long = await scan("city IN (:a, :b, :c) AND tier = :t", { ":a": "Ulm", ":b": "Bern", ":c": "Graz", ":t": "gold" });
    expect(long).toEqual({ found: ["Graz", "Ulm"], sent: undefined });
  });
});
