import { afterAll, describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { itemFromJson, itemToJson } from "../support/dynamodb-json.ts";
import { type ItemVector, javaVectors, sortedItem } from "../support/item-vectors.ts";
import { cryptographyOf } from "../support/java-config.ts";
import { startJavaPeer } from "../support/java-peer.ts";

const peer = startJavaPeer();
afterAll(() => peer.stop());

const encrypted = javaVectors<ItemVector>("items.json").filter(({ storedAsPlaintext }) => storedAsPlaintext !== true);

describe("Java and we read each other", () => {
  it.each(encrypted.map((vector) => [vector.name, vector] as const))(
    "%s",
    async (_name, { config, plaintext, decrypted, alsoDecryptWith }) => {
      const cryptography = cryptographyOf(config);
      const item = itemFromJson(plaintext);
      const expected = sortedItem(decrypted ?? plaintext);

      const ours = (await encryptItem(cryptography, item, {})).item;
      const theirs = (await peer.encryptItem(config, item)).item;
      expect(itemToJson((await peer.decryptItem(config, ours)).item)).toEqual(expected);
      expect(itemToJson((await decryptItem(cryptography, theirs, {})).item)).toEqual(expected);

      for (const { why, config, error } of alsoDecryptWith ?? []) {
        const byJava = async (): Promise<unknown> => itemToJson((await peer.decryptItem(config, ours)).item);
        const byUs = async (): Promise<unknown> => itemToJson((await decryptItem(cryptographyOf(config), theirs, {})).item);
        if (error === undefined) {
          expect(await byJava(), why).toEqual(expected);
          expect(await byUs(), why).toEqual(expected);
        } else {
          await expect(byJava(), why).rejects.toHaveProperty("type", error.type);
          await expect(byUs(), why).rejects.toHaveProperty("code");
        }
      }
    },
  );
});
