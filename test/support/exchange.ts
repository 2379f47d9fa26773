import { expect } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { itemToJson } from "./dynamodb-json.ts";
import { cryptographyOf, type JavaKeyring } from "./java-config.ts";
import type { JavaPeer, PeerAws, PeerConfig } from "./java-peer.ts";

/** The same keyring on both sides. */
export interface KeyringPair {
  readonly ours: Keyring;
  readonly java: JavaKeyring;
  /** Settings of the Java side's clients. */
  readonly aws?: PeerAws;
}

/** An item for `exchangeConfig`. */
export const exchangedItem: AttributeMap = {
  pk: { S: "customer 42" },
  sk: { N: "7.50" },
  secret: { M: { list: { L: [{ N: "1" }, { BOOL: true }, { NULL: true }] }, bytes: { B: Uint8Array.of(0, 255) } } },
  open: { SS: ["b", "a"] },
};

/** A table under a keyring of the Java side; format 2 has `pk`, `sk` and `open` in the encryption context. */
export function exchangeConfig(pair: KeyringPair, options: { readonly suite: string; readonly format: 1 | 2 }): PeerConfig {
  const signed = options.format === 1 ? "SIGN_ONLY" : "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";
  return {
    logicalTableName: "Exchange",
    partitionKeyName: "pk",
    sortKeyName: "sk",
    algorithmSuiteId: options.suite,
    attributeActionsOnEncrypt: { pk: signed, sk: signed, open: signed, secret: "ENCRYPT_AND_SIGN" },
    keyring: pair.java,
    ...(pair.aws && { aws: pair.aws }),
  };
}

/**
 * What either side writes under `writer`, both sides read under each of `readers`, in both formats and the suites
 * given.
 */
export async function expectExchange(
  peer: JavaPeer,
  options: { readonly writer: KeyringPair; readonly readers: readonly KeyringPair[]; readonly suites?: readonly string[] },
): Promise<void> {
  const { writer, readers, suites = ["0x6700", "0x6701"] } = options;
  const item = exchangedItem;
  for (const suite of suites) {
    for (const format of [1, 2] as const) {
      const writing = exchangeConfig(writer, { suite, format });
      const ours = (await encryptItem(cryptographyOf(writing, writer.ours), item, {})).item;
      const theirs = (await peer.encryptItem(writing, item)).item;
      for (const reader of readers) {
        const reading = exchangeConfig(reader, { suite, format });
        const label = `suite ${suite}, format ${format}`;
        expect(itemToJson((await peer.decryptItem(reading, ours)).item), `${label}: ours read by Java`).toEqual(itemToJson(item));
        const read = await decryptItem(cryptographyOf(reading, reader.ours), theirs, {});
        expect(itemToJson(read.item), `${label}: Java's read by us`).toEqual(itemToJson(item));
      }
    }
  }
}
