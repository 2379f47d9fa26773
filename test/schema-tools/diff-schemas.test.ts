import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { actionOf, parseSchema, type TableInput, tablePlan } from "../../src/schema/index.ts";
import { diffSchemas, type SchemaDiff } from "../../src/schema-tools/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) });
const least = {
  tableName: "t",
  partitionKey: "id",
  attributes: { secret: "ENCRYPT_AND_SIGN", open: "SIGN_ONLY", loose: "DO_NOTHING" },
} as const;

function diff(after: Partial<TableInput>, before: Partial<TableInput> = {}): SchemaDiff {
  return diffSchemas({ ...least, ...before }, { ...least, ...after });
}

const attributeNames = ["a", "b", "c", "x_d", "x_e"] as const;

const anyTable = fc
  .record(
    {
      attributes: fc.dictionary(
        fc.constantFrom(...attributeNames),
        fc.constantFrom("ENCRYPT_AND_SIGN", "SIGN_ONLY", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "DO_NOTHING"),
      ),
      otherAttributes: fc.constantFrom("ENCRYPT_AND_SIGN", "SIGN_ONLY"),
      unsignedAttributes: fc.uniqueArray(fc.constantFrom(...attributeNames), { minLength: 1, maxLength: 2 }),
      unsignedAttributePrefix: fc.constantFrom("x_", "x_d", "y_"),
      algorithmSuite: fc.constantFrom("ECDSA", "HMAC"),
      acceptAlgorithmSuites: fc.constantFrom(["ECDSA"], ["HMAC"], ["ECDSA", "HMAC"]),
      plaintextOverride: fc.constantFrom(
        "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
        "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
        "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
      ),
    },
    { requiredKeys: ["attributes", "algorithmSuite"] },
  )
  .map((table) => ({ tableName: "t", partitionKey: "id", ...table }))
  .filter(isSound);

function isSound(table: object): boolean {
  try {
    parseSchema(table);
    return true;
  } catch (error) {
    if (isDynasealError(error, "ERR_SCHEMA_INVALID")) return false;
    throw error;
  }
}

/** With every attribute that the writer's schema lets an item have, also those under its or the reader's prefix. */
function fullItem(writer: object): AttributeMap {
  const plan = tablePlan(writer, { acknowledgePlaintext: true });
  const names = [...attributeNames, "x_", "x_other", "y_other", "x_dd", "other"].filter(
    (name) => plan.unsignedAttributes.has(name) || actionOf(plan, name) !== undefined,
  );
  return { id: { S: "1" }, ...Object.fromEntries(names.map((name) => [name, { S: name }])) };
}

async function isRead(writer: object, reader: object): Promise<boolean> {
  const [write, read] = [writer, reader].map((schema) => itemEncryptor({ schema, keyring, acknowledgePlaintext: true }));
  const { item } = (await write?.encryptItem(fullItem(writer))) ?? { item: {} };
  try {
    await read?.decryptItem(item);
    return true;
  } catch (error) {
    if (isDynasealError(error)) return false;
    throw error;
  }
}

describe("a diff of schemas", () => {
  it("agrees with what is read", async () => {
    const counts = { read: 0, refused: 0 };
    const law = fc.asyncProperty(anyTable, anyTable, async (before, after) => {
      const { readsOldItems, readsNewItems } = diffSchemas(before, after).compatibility;
      expect(await isRead(before, after)).toBe(readsOldItems);
      expect(await isRead(after, before)).toBe(readsNewItems);
      counts[readsOldItems ? "read" : "refused"]++;
    });
    await fc.assert(law, { numRuns: Number(process.env["SCHEMA_PAIRS"] ?? 300) });
    expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(10);
  });

  it("of a schema and itself says nothing", () => {
    expect(diff({})).toEqual({
      tableName: "t",
      compatibility: { readsOldItems: true, readsNewItems: true, rollout: "any-order", breaks: [], rewrites: [] },
      confidentiality: { weaker: false, weakened: [], strengthened: [] },
    });
  });

  it("knows who goes first", () => {
    const unsigned = { attributes: { ...least.attributes, open: "DO_NOTHING" } } as const;
    expect(diff(unsigned).compatibility.rollout).toBe("none");
    // The old schema cannot write the attribute: only readers of the new items have to know it.
    const added = { attributes: { ...least.attributes, note: "DO_NOTHING" } } as const;
    expect(diff(added).compatibility.rollout).toBe("readers-first");
    expect(diff({}, added).compatibility.rollout).toBe("writers-first");
    expect(diff({ attributes: { ...least.attributes, note: "SIGN_ONLY" } }).compatibility.rollout).toBe("any-order");
  });

  it.each<[string, Partial<TableInput>, Partial<TableInput>, string]>([
    ["an attribute that is encrypted no longer", {}, { attributes: { ...least.attributes, secret: "SIGN_ONLY" } }, "secret"],
    ["an attribute that KMS sees", {}, { attributes: { ...least.attributes, open: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" } }, "open"],
    [
      "an attribute that is named with less than others have",
      { otherAttributes: "ENCRYPT_AND_SIGN" },
      { otherAttributes: "ENCRYPT_AND_SIGN", attributes: { ...least.attributes, new: "SIGN_ONLY" } },
      "new",
    ],
    ["other attributes that were refused", {}, { otherAttributes: "SIGN_ONLY" }, "otherAttributes"],
    ["other attributes that were encrypted", { otherAttributes: "ENCRYPT_AND_SIGN" }, { otherAttributes: "SIGN_ONLY" }, "otherAttributes"],
    ["the signature", {}, { algorithmSuite: "HMAC" }, "algorithmSuite"],
    ["plaintext that is read", {}, { plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" }, "plaintextOverride"],
    ["plaintext that is written", {}, { plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" }, "plaintextOverride"],
    [
      "a suite that anyone can write",
      { acceptAlgorithmSuites: ["ECDSA"] },
      { acceptAlgorithmSuites: ["ECDSA", "HMAC"] },
      "acceptAlgorithmSuites",
    ],
    ["suites that are not restricted", { acceptAlgorithmSuites: ["ECDSA"] }, {}, "acceptAlgorithmSuites"],
    ["a prefix without signature", {}, { unsignedAttributePrefix: "y_" }, "unsignedAttributePrefix"],
    ["a beacon", {}, { attributes: { ...least.attributes, secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } } }, "secret"],
    [
      "a longer beacon",
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } } },
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 9 } } } },
      "secret",
    ],
  ])("calls %s weaker, and the way back stronger", (_what, before, after, subject) => {
    const there = diff(after, before).confidentiality;
    expect(there).toMatchObject({
      weaker: true,
      weakened: expect.arrayContaining([expect.objectContaining({ subject, remedy: expect.stringMatching(/./) })]),
    });
    const back = diff(before, after).confidentiality;
    expect(back.weakened.map((change) => change.subject)).not.toContain(subject);
  });

  it.each<[string, Partial<TableInput>, Partial<TableInput>, string]>([
    ["a new beacon", {}, { attributes: { ...least.attributes, secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } } }, "is new"],
    [
      "a beacon of another length",
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } } },
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 9 } } } },
      "in another way",
    ],
    [
      "partitions",
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } } },
      { attributes: { secret: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } }, beaconPartitions: 4 },
      "in another way",
    ],
    ["a stronger action", {}, { attributes: { ...least.attributes, open: "ENCRYPT_AND_SIGN" } }, "keep it as SIGN_ONLY"],
    ["another suite", {}, { algorithmSuite: "HMAC" }, "keep theirs"],
    [
      "the end of plaintext",
      { plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" },
      { plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" },
      "stay in plaintext",
    ],
  ])("says that %s needs a rewrite", (_what, before, after, says) => {
    const { rewrites } = diff(after, before).compatibility;
    expect(rewrites.map(({ change }) => change).join("\n")).toContain(says);
  });

  it("reads no item of another table, key or branch key", () => {
    expect(diff({ tableName: "u" }).compatibility.breaks.map(({ subject }) => subject)).toContain("tableName");
    expect(diff({ sortKey: "open2" }).compatibility.breaks.map(({ subject }) => subject)).toContain("sortKey");
    const branchKey = (id: string): Partial<TableInput> => ({ branchKey: { from: "id", map: { a: id } } });
    expect(diff(branchKey("2"), branchKey("1")).compatibility.rollout).toBe("none");
  });
});
