import { KMSClient } from "@aws-sdk/client-kms";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RegionalClients } from "../../src/kms/regional-clients.ts";

const region = (index: number): string => `invented-${index}`;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("clients of invented Regions", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are destroyed when sixteen others were used since, once nothing uses them", async () => {
    const destroyed: unknown[] = [];
    vi.spyOn(KMSClient.prototype, "destroy").mockImplementation(function (this: KMSClient) {
      destroyed.push(this);
    });
    const clients = new RegionalClients(undefined);
    let end: () => void = () => undefined;
    const busy = clients.run(region(0), async (client) => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return client;
    });
    const idle = await clients.run(region(1), async (client) => client);
    for (let index = 2; index < 18; index++) await clients.run(region(index), async () => undefined);
    await turn();
    expect(destroyed).toEqual([idle]);
    end();
    const used = await busy;
    await turn();
    expect(destroyed).toEqual([idle, used]);
    expect(await clients.run(region(17), (client) => client.config.region())).toBe(region(17));
  });

  it("are kept while they are used again and again", async () => {
    const made: string[] = [];
    const clients = new RegionalClients((of) => {
      made.push(of);
      return new KMSClient({ region: of });
    });
    for (let index = 0; index < 40; index++) {
      await clients.run("eu-west-1", async () => undefined);
      await clients.run(region(index), async () => undefined);
    }
    expect(made.filter((of) => of === "eu-west-1")).toHaveLength(1);
  });
});
