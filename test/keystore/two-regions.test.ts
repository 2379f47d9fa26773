import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";

let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => servers.stop());
afterEach(async () => {
  servers.tables.lag = 0;
  servers.tables.resume();
  await servers.tables.settled();
});

const [here, there] = ["us-east-1", "eu-west-1"] as const;

describe("a version that another Region made", () => {
  it("is waited for while it is on its way", async () => {
    const { branchKeyId } = await servers.keyStore(here).createKey();
    await servers.tables.settled();
    servers.tables.lag = 300;
    const { branchKeyVersion } = await servers.keyStore(here).versionKey({ branchKeyId });
    const started = performance.now();
    const version = await servers.keyStore(there).getBranchKeyVersion({ branchKeyId, branchKeyVersion });
    expect(version.branchKeyVersion).toBe(branchKeyVersion);
    expect(performance.now() - started).toBeGreaterThan(100);
  });

  it("is given up after the bounded wait, with a code that names Region and row", async () => {
    const { branchKeyId } = await servers.keyStore(here).createKey();
    await servers.tables.settled();
    servers.tables.pause();
    const { branchKeyVersion } = await servers.keyStore(here).versionKey({ branchKeyId });
    const store = servers.keyStore(there, { replicationWaitSeconds: 0.2 });
    const started = performance.now();
    await expect(store.getBranchKeyVersion({ branchKeyId, branchKeyVersion })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_NOT_REPLICATED",
      details: { region: there, branchKeyId, type: `branch:version:${branchKeyVersion}`, waitedSeconds: 0.2 },
    });
    const took = performance.now() - started;
    expect(took).toBeGreaterThanOrEqual(190);
    expect(took).toBeLessThan(20_000);
  });

  it("is waited for no longer than the caller wants", async () => {
    const controller = new AbortController();
    const input = { branchKeyId: "nobody", branchKeyVersion: "00000000-0000-4000-8000-000000000000" };
    const read = servers.keyStore(there).getBranchKeyVersion(input, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(read).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("is read from the ACTIVE row where that arrives first", async () => {
    servers.tables.lag = ({ key }) => (key["type"]?.S === "branch:ACTIVE" ? 0 : 1000);
    const { branchKeyId, branchKeyVersion } = await servers.keyStore(here).createKey();
    await expect.poll(() => servers.row(there, branchKeyId, "branch:ACTIVE").catch(() => undefined)).toBeDefined();
    const remote = servers.keyStore(there);
    const version = await remote.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
    expect(version.branchKey.reveal()).toEqual((await servers.keyStore(here).getActiveBranchKey({ branchKeyId })).branchKey.reveal());
    await expect(servers.row(there, branchKeyId, `branch:version:${branchKeyVersion}`)).rejects.toThrow("no row");
  });
});

describe("the same operation in two Regions at once", () => {
  it("versionKey: both version rows stay, one ACTIVE row wins, every version is readable everywhere", async () => {
    const { branchKeyId, branchKeyVersion: first } = await servers.keyStore(here).createKey();
    await servers.tables.settled();
    servers.tables.pause();
    const second = await servers.keyStore(here).versionKey({ branchKeyId });
    const third = await servers.keyStore(there).versionKey({ branchKeyId });
    expect((await servers.keyStore(here).getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(second.branchKeyVersion);
    servers.tables.resume();
    await servers.tables.settled();
    for (const region of [here, there]) {
      const store = servers.keyStore(region, { replicationWaitSeconds: 0 });
      for (const branchKeyVersion of [first, second.branchKeyVersion, third.branchKeyVersion]) {
        expect((await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion })).branchKeyVersion).toBe(branchKeyVersion);
      }
      expect((await store.getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(third.branchKeyVersion);
    }
  });

  it("createKey with one id: the loser is told what is lost, the winner is not disturbed", async () => {
    const input = { branchKeyId: "shared-tenant", encryptionContext: { tenant: "shared" } };
    servers.tables.pause();
    const written = (region: string): Promise<unknown> =>
      expect.poll(() => servers.row(region, input.branchKeyId, "branch:ACTIVE").catch(() => undefined), { timeout: 20_000 }).toBeDefined();
    const create = (region: string): Promise<unknown> => servers.keyStore(region).createKey({ ...input, conflictCheckSeconds: 3 });
    const first = create(here);
    await written(here);
    const second = create(there);
    await written(there);
    servers.tables.resume();
    const [loser, winner] = await Promise.allSettled([first, second]);
    expect(winner.status).toBe("fulfilled");
    expect(loser).toMatchObject({
      reason: {
        code: "ERR_BRANCH_KEY_CONFLICT",
        details: { branchKeyId: "shared-tenant", region: here, lost: ["branch:ACTIVE", "beacon:ACTIVE"] },
      },
    });
    // What was written under the loser's version stays readable.
    const { branchKeyVersion } = (loser as { reason: { details: { branchKeyVersion: string } } }).reason.details;
    for (const region of [here, there])
      await servers.keyStore(region).getBranchKeyVersion({ branchKeyId: "shared-tenant", branchKeyVersion });
  });

  it("createKey does not take a rotation during its check for a conflict", async () => {
    const store = servers.keyStore(here);
    const created = store.createKey({ branchKeyId: "rotated-early", encryptionContext: {}, conflictCheckSeconds: 0.3 });
    await expect.poll(() => servers.row(here, "rotated-early", "branch:ACTIVE").catch(() => undefined)).toBeDefined();
    await store.versionKey({ branchKeyId: "rotated-early" });
    await created;
  });
});
