/** How close encrypting and decrypting one item comes to the raw OpenSSL calls, in one run. */
import { readFileSync } from "node:fs";
import { type AttributeMap, serializeAttributeValue } from "../src/attributes/index.ts";
import { decryptItem, encryptItem } from "../src/item/index.ts";
import { awsKmsHierarchicalKeyring } from "../src/keyrings/index.ts";
import { encryptionContextToAad } from "../src/materials/index.ts";
import { staticBranchKeyStore } from "../src/testing/index.ts";
import { itemFromJson, type JsonItem } from "../test/support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig } from "../test/support/java-config.ts";
import { floorOf } from "./support/floor.ts";
import { measure } from "./support/measure.ts";
import { type Row, report } from "./support/report.ts";

interface BenchItem {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly attributes: JavaConfig["attributeActionsOnEncrypt"];
  readonly item: JsonItem;
}

/** Java 3.9.0, one thread, items a second, encrypt and decrypt, as docs/benchmarks.md tells. */
const java: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  "HMAC, raw-aes": [
    [2760, 3680],
    [6330, 7010],
    [232, 288],
  ],
  "HMAC, hierarchical": [
    [2910, 3800],
    [6520, 6200],
    [205, 331],
  ],
  "ECDSA, raw-aes": [
    [346, 357],
    [356, 372],
    [154, 163],
  ],
  "ECDSA, hierarchical": [
    [336, 326],
    [368, 359],
    [150, 177],
  ],
};

const { items } = JSON.parse(readFileSync(new URL("data/items.json", import.meta.url), "utf8")) as { items: readonly BenchItem[] };
const wrappingKey = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i)).toString("base64");
const rows: Row[] = [];

/** A warm branch key without a server, so that what is timed is the keyring. */
const branchKeyId = "bench";
const version = "3c386224-9004-42e2-bb94-0b3ea566019e";
const keyStore = staticBranchKeyStore([{ branchKeyId, activeVersion: version, versions: { [version]: new Uint8Array(32).fill(3) } }], {
  logicalKeyStoreName: "bench",
});
const hierarchical = awsKmsHierarchicalKeyring({ keyStore, branchKeyId, ttlSeconds: 3600 });
const runs = (["HMAC", "ECDSA"] as const).flatMap((suite) => (["raw-aes", "hierarchical"] as const).map((keyring) => ({ suite, keyring })));

for (const { suite, keyring } of runs) {
  for (const [index, bench] of items.entries()) {
    const config: JavaConfig = {
      logicalTableName: "Bench",
      partitionKeyName: bench.partitionKey,
      ...(bench.sortKey === undefined ? {} : { sortKeyName: bench.sortKey }),
      algorithmSuiteId: suite === "HMAC" ? "0x6700" : "0x6701",
      attributeActionsOnEncrypt: bench.attributes,
      keyring: { type: "raw-aes", keyNamespace: "bench", keyName: "key", wrappingKey },
    };
    const cryptography = keyring === "raw-aes" ? cryptographyOf(config) : cryptographyOf(config, hierarchical);
    const item: AttributeMap = itemFromJson(bench.item);
    const { item: stored, header } = await encryptItem(cryptography, item, {});
    const terminals = Object.entries(item).map(([name, value]) => ({ name, bytes: serializeAttributeValue(value).value.length }));
    const headerBytes = stored["aws_dbe_head"]?.B?.length ?? 0;
    const contextBytes = encryptionContextToAad(header?.encryptionContext ?? {}).length;
    const floor = await floorOf({
      suite,
      keyring,
      encrypted: terminals.filter(({ name }) => bench.attributes[name] === "ENCRYPT_AND_SIGN").map(({ bytes }) => bytes),
      recordBytes: headerBytes + contextBytes + terminals.reduce((sum, { bytes }) => sum + bytes + 60, 0),
      headerBytes,
      contextBytes,
    });
    const directions = [
      ["encrypt", () => floor.encrypt(), async () => void (await encryptItem(cryptography, item, {}))],
      ["decrypt", () => floor.decrypt(), async () => void (await decryptItem(cryptography, stored, {}))],
    ] as const;
    for (const [column, [direction, bare, ours]] of directions.entries()) {
      const [floorResult, result] = await measure(
        [
          { name: "floor", run: bare },
          { name: "dynaseal", run: ours },
        ],
        { rounds: 7 },
      );
      const javaRate = java[`${suite}, ${keyring}`]?.[index]?.[column] ?? Number.NaN;
      rows.push({
        suite,
        keyring,
        item: bench.name,
        direction,
        "floor/s": Math.round(floorResult?.perSecond ?? 0),
        "dynaseal/s": Math.round(result?.perSecond ?? 0),
        "of the floor": `${Math.round((result?.ratio ?? 0) * 100)} %`,
        "Java/s": javaRate,
        "times Java": (result?.perSecond ?? 0) / javaRate,
      });
    }
  }
}

report("item", rows);
