import { afterAll, describe, expect, it } from "vitest";
import { compareUtf16 } from "../../src/bytes/index.ts";
import { itemFromJson, itemToJson } from "../support/dynamodb-json.ts";
import {
  type BeaconVector,
  type ConfigVector,
  type EncryptVector,
  type ItemVector,
  javaVectors,
  type NegativeVector,
  type RequestVector,
  sortedItem,
  type VectorError,
} from "../support/item-vectors.ts";
import { JavaError, type PeerConfig, startJavaPeer } from "../support/java-peer.ts";
import { readVectors } from "../support/vectors.ts";

/**
 * The peer against what the same library did when the vectors were made: proves that configurations, items, requests
 * and errors reach the library unchanged, so that a difference elsewhere is ours and not the protocol's.
 */
const peer = startJavaPeer();
afterAll(() => peer.stop());

const named = <Vector extends { readonly name: string }>(vectors: readonly Vector[]): (readonly [string, Vector])[] =>
  vectors.map((vector) => [vector.name, vector] as const);

/** A collection of errors repeats itself in its message each time it is asked, so there the type has to do. */
function expectError(error: unknown, expected: VectorError): void {
  expect(error).toBeInstanceOf(JavaError);
  expect(error).toHaveProperty("type", expected.type);
  if (expected.type !== "CollectionOfErrors") expect(error).toHaveProperty("message", `${expected.type}: ${expected.message}`);
}

async function expectOutcome(outcome: Promise<unknown>, error: VectorError | null | undefined, result: unknown): Promise<void> {
  if (error === undefined || error === null) expect(await outcome).toEqual(result);
  else expectError(await outcome.catch((thrown: unknown) => thrown), error);
}

describe("the peer decrypts the vectors", () => {
  it.each(named(javaVectors<ItemVector>("items.json")))("%s", async (_name, vector) => {
    const expected = sortedItem(vector.decrypted ?? vector.plaintext);
    const stored = itemFromJson(vector.encrypted);
    const { item, header } = await peer.decryptItem(vector.config, stored);
    expect(itemToJson(item)).toEqual(expected);
    if (vector.header !== undefined) expect(header).toEqual(vector.header);
    for (const { config, error } of vector.alsoDecryptWith ?? [])
      await expectOutcome(
        peer.decryptItem(config, stored).then((result) => itemToJson(result.item)),
        error,
        expected,
      );
  });
});

describe("the peer encrypts and reads what it wrote", () => {
  it.each(named(javaVectors<ItemVector>("items.json")))("%s", async (_name, vector) => {
    const { item: stored } = await peer.encryptItem(vector.config, itemFromJson(vector.plaintext));
    expect("aws_dbe_head" in stored).toBe(vector.storedAsPlaintext !== true);
    const { item } = await peer.decryptItem(vector.config, stored);
    expect(itemToJson(item)).toEqual(sortedItem(vector.decrypted ?? vector.plaintext));
  });
});

describe("the peer refuses what the vectors refuse", () => {
  it.each(named(javaVectors<NegativeVector>("negative.json")))("%s", async (_name, { config, item, error, decrypted }) => {
    const outcome = peer.decryptItem(config, itemFromJson(item)).then((result) => itemToJson(result.item));
    await expectOutcome(outcome, error, decrypted && sortedItem(decrypted));
  });

  it.each(named(javaVectors<EncryptVector>("encrypt-errors.json")))("encrypt: %s", async (_name, { config, item, error, decrypted }) => {
    const outcome = peer.encryptItem(config, itemFromJson(item)).then(async (stored) => {
      return itemToJson((await peer.decryptItem(config, stored.item)).item);
    });
    await expectOutcome(outcome, error, decrypted && sortedItem(decrypted));
  });
});

describe("the peer takes and refuses configurations as the vectors", () => {
  it.each(named(javaVectors<ConfigVector>("configs.json")))("%s", async (_name, { config, item, client }) => {
    await expectOutcome(peer.checkConfig([config]), client, undefined);
    // An item that lacks everything fails later than any fault of the configuration.
    const error = await peer.encryptItem(config, {}).catch((thrown: unknown) => thrown);
    if (item === null) expect(error).toHaveProperty("message", expect.stringContaining("does not exist in item"));
    else expectError(error, item);
  });
});

/** Encrypted items differ from run to run: their attributes' names have to do. The SDK draws the token of a transaction. */
function comparable(request: unknown): unknown {
  if (Array.isArray(request)) return request.map(comparable);
  if (typeof request !== "object" || request === null) return request;
  if ("aws_dbe_head" in request) return { encrypted: Object.keys(request).sort(compareUtf16) };
  const { ClientRequestToken: _drawn, ...rest } = request as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, comparable(value)]));
}

async function expectRewritten(config: PeerConfig, { action, params, error, result }: RequestVector): Promise<void> {
  const outcome = peer.rewrite({ configs: [config], action, params });
  await expectOutcome(outcome.then(comparable), error, comparable(result));
}

describe("the peer rewrites requests as the vectors", () => {
  const { config, cases } = readVectors<{ readonly config: PeerConfig; readonly cases: readonly RequestVector[] }>("java/requests.json");

  it.each(cases.map((vector) => [vector.action, JSON.stringify(vector.params), vector] as const))(
    "%s %s",
    async (_action, _params, vector) => {
      await expectRewritten(config, vector);
    },
  );

  it.each(named(javaVectors<BeaconVector>("beacons.json")))("beacons: %s", async (_name, vector) => {
    const configs = [vector.config];
    await expectOutcome(peer.checkConfig(configs), vector.configError, undefined);
    for (const request of vector.requests ?? []) await expectRewritten(vector.config, request);
    for (const { plaintext, resolved } of vector.items ?? []) {
      if (resolved === undefined) continue;
      expect(await peer.resolve(configs, vector.config.tableName ?? "", itemFromJson(plaintext))).toEqual(resolved);
    }
  });
});
