import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/index.ts";
import { hmacSuite } from "../../src/crypto/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import {
  type CompleteDecryptionMaterials,
  type CompleteEncryptionMaterials,
  defaultCmm,
  type EncryptedDataKey,
  type EncryptionContext,
  encryptionContextOf,
  type Keyring,
  type KeyringCall,
} from "../../src/materials/index.ts";
import { concurrencyLimit } from "../../src/tables/index.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";

/** What whoever may write one item of a table can do to readers, who share a process and a key store. */
let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => servers.stop());

const [here, there] = ["us-east-1", "eu-west-1"] as const;
const replicationWaitSeconds = 1;

const contextOf = (tenant: string): EncryptionContext =>
  encryptionContextOf({ tenant, "aws-crypto-partition-name": "id", "aws-crypto-attr.id": "AAEx" });
/** As one request of a client makes it. */
const requestCall = (): KeyringCall => ({ limit: concurrencyLimit(16) });

/** A keyring for the tenant that the context names. */
function keyring(region: string): Keyring {
  return awsKmsHierarchicalKeyring({
    keyStore: servers.keyStore(region, { replicationWaitSeconds }),
    branchKeyIdSupplier: ({ encryptionContext }) => encryptionContext["tenant"] ?? "",
  });
}

function write(own: Keyring, tenant: string): Promise<CompleteEncryptionMaterials> {
  const request = { algorithmSuite: hmacSuite, encryptionContext: contextOf(tenant), requiredEncryptionContextKeys: [] };
  return defaultCmm(own).getEncryptionMaterials(request, requestCall());
}

function read(
  own: Keyring,
  tenant: string,
  encryptedDataKeys: readonly EncryptedDataKey[],
  call: KeyringCall = requestCall(),
): Promise<CompleteDecryptionMaterials> {
  const encryptionContext = contextOf(tenant);
  const request = { algorithmSuite: hmacSuite, encryptionContext, reproducedEncryptionContext: encryptionContextOf(), encryptedDataKeys };
  return defaultCmm(own).decryptMaterials(request, call);
}

/** An encrypted data key of the tenant under a version that nobody made. */
function planted(tenant: string): EncryptedDataKey {
  const version = Buffer.from(randomUUID().replaceAll("-", ""), "hex");
  const ciphertext = concatBytes(new Uint8Array(48 + 28), version, new Uint8Array(48));
  return { keyProviderId: "aws-kms-hierarchy", keyProviderInfo: Buffer.from(tenant), ciphertext };
}

const plantedItems = (tenant: string, count: number): EncryptedDataKey[] => Array.from({ length: count }, () => planted(tenant));

/** Bounds below are far from what a slow machine takes, and farther from what the attacks took before: each item a wait of its own. */
async function timed(task: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task;
  return performance.now() - started;
}

async function tenants(): Promise<readonly [a: string, b: string]> {
  const [a, b] = [`tenant-a-${randomUUID()}`, `tenant-b-${randomUUID()}`] as const;
  for (const branchKeyId of [a, b])
    await servers.keyStore(here).createKey({ branchKeyId, encryptionContext: { tenant: branchKeyId }, conflictCheckSeconds: 0 });
  await servers.tables.settled();
  return [a, b];
}

it("300 planted items of one tenant do not stall another tenant's read, cold and from one keyring", async () => {
  const [a, b] = await tenants();
  const written = await write(keyring(here), b);
  const reader = keyring(there);
  const call = requestCall();
  const page = Promise.allSettled(plantedItems(a, 300).map((key) => read(reader, a, [key], call)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const took = await timed(read(reader, b, written.encryptedDataKeys));
  // Each of 300 waits with a slot of the shared limit would have cost it 15 of them.
  expect(took).toBeLessThan(replicationWaitSeconds * 8000);
  const outcomes = await page;
  for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: "ERR_BRANCH_KEY_NOT_REPLICATED" } });
});

it("an item with 32 invented versions costs one wait, also outside of a client", async () => {
  const [a] = await tenants();
  const took = await timed(expect(read(keyring(there), a, plantedItems(a, 32), {})).rejects.toThrow());
  expect(took).toBeGreaterThan(replicationWaitSeconds * 1000 - 10);
  expect(took).toBeLessThan(replicationWaitSeconds * 16_000);
});

it("planted items that are read one after the other cost one request one wait", async () => {
  const [a] = await tenants();
  const call = requestCall();
  const reader = keyring(there);
  const page = async (): Promise<void> => {
    for (const keys of plantedItems(a, 60)) await expect(read(reader, a, [keys], call)).rejects.toThrow();
  };
  expect(await timed(page())).toBeLessThan(replicationWaitSeconds * 20_000);
});

it.each(["alone", "under 300 planted items of the same tenant"])(
  "a rotation that arrives late is readable soon after it arrived, %s",
  async (how) => {
    const [a] = await tenants();
    const lag = 700;
    servers.tables.lag = lag;
    await servers.keyStore(here).versionKey({ branchKeyId: a });
    const rotated = performance.now();
    const { encryptedDataKeys } = await write(keyring(here), a);
    const reader = keyring(there);
    const attack =
      how === "alone" ? undefined : Promise.allSettled(plantedItems(a, 300).map((key) => read(reader, a, [key], requestCall())));
    // A reader that comes at once waits; those that come later see it as soon as it is there, or one wait afterwards.
    await read(reader, a, encryptedDataKeys);
    expect(performance.now() - rotated).toBeLessThan(lag + replicationWaitSeconds * 1000 + 15_000);
    await attack;
    servers.tables.lag = 0;
    await servers.tables.settled();
  },
);

it("a version that was missing for the whole wait is readable at most that long after it arrived", async () => {
  const [a] = await tenants();
  const lag = replicationWaitSeconds * 1000 + 300;
  servers.tables.lag = lag;
  await servers.keyStore(here).versionKey({ branchKeyId: a });
  const rotated = performance.now();
  const { encryptedDataKeys } = await write(keyring(here), a);
  const reader = keyring(there);
  await expect(read(reader, a, encryptedDataKeys)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_REPLICATED" });
  for (let done = false; !done; ) {
    done = await read(reader, a, encryptedDataKeys).then(
      () => true,
      () => false,
    );
    if (!done) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(performance.now() - rotated).toBeLessThan(lag + replicationWaitSeconds * 1000 + 15_000);
  servers.tables.lag = 0;
  await servers.tables.settled();
});
