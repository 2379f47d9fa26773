import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { itemToJson } from "../support/dynamodb-json.ts";
import { cryptographyOf } from "../support/java-config.ts";
import { startJavaPeer } from "../support/java-peer.ts";
import { normalItem } from "../support/normal-item.ts";
import { anyConfiguredItem, anyMultiKeyring, anyRawAesKeyring } from "../support/random-items.ts";

const items = 500;
const seed = Number(process.env["INTEROP_SEED"] ?? Math.trunc(Math.random() * 0x7fffffff));

const peer = startJavaPeer();
afterAll(() => peer.stop());

describe(`${items} random items, INTEROP_SEED=${seed}`, () => {
  it("come back from Java as from us, whoever wrote them", { timeout: 600_000 }, async () => {
    console.log(`${items} random items; INTEROP_SEED=${seed} repeats them`);
    const keyrings = fc.oneof({ weight: 3, arbitrary: anyRawAesKeyring() }, { weight: 1, arbitrary: anyMultiKeyring() });
    await fc.assert(
      fc.asyncProperty(anyConfiguredItem(keyrings), async ({ config, item }) => {
        const cryptography = cryptographyOf(config);
        const [ours, theirs] = await Promise.all([encryptItem(cryptography, item, {}), peer.encryptItem(config, item)]);
        expect(Object.keys(ours.item).sort()).toEqual(Object.keys(theirs.item).sort());
        const reads = await Promise.all([
          peer.decryptItem(config, ours.item),
          decryptItem(cryptography, theirs.item, {}),
          peer.decryptItem(config, theirs.item),
          decryptItem(cryptography, ours.item, {}),
        ]);
        const expected = itemToJson(normalItem(config, item));
        for (const read of reads) expect(itemToJson(read.item)).toEqual(expected);
      }),
      { numRuns: items, seed },
    );
  });
});
