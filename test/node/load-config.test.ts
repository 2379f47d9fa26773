import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { loadConfig } from "../../src/node/index.ts";

const accepts = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL("../../schemas/config.schema.json", import.meta.url), "utf8")),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-config-"));
  mkdirSync(join(folder, "schemas"));
  for (const tableName of ["customers", "orders"]) {
    writeFileSync(join(folder, "schemas", `${tableName}.table.json`), JSON.stringify({ tableName, partitionKey: "id", attributes: {} }));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const mrk = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
const single = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const keyStore = { tableName: "keys", logicalKeyStoreName: "keys", kms: { mrkArn: mrk } };
const least = { schemas: "schemas", keyring: { awsKmsMrkKeyring: { keyId: mrk } } };

function load(config: unknown): ReturnType<typeof loadConfig> {
  const file = join(folder, "dynaseal.config.json");
  writeFileSync(file, JSON.stringify(config));
  return loadConfig(file);
}

function problemsOf(change: object): readonly string[] {
  try {
    load({ ...least, ...change });
  } catch (error) {
    if (isDynasealError(error, "ERR_CONFIG_INVALID")) return error.details.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("gives the options of a client", () => {
    const options = load({ ...least, tableNames: { customers: "customers-prod" }, plainTables: ["sessions"] });
    expect(options.schemas.map((schema) => (schema as { tableName: string }).tableName)).toEqual(["customers", "orders"]);
    expect(options).toMatchObject({ tableNames: { customers: "customers-prod" }, plainTables: ["sessions"] });
    expect(Object.keys(options).sort()).toEqual(["keyring", "plainTables", "schemas", "tableNames"]);
  });

  it("takes a URL, and several paths, relative to the file", () => {
    const file = join(folder, "dynaseal.config.json");
    writeFileSync(file, JSON.stringify({ ...least, schemas: ["schemas/orders.table.json", "./schemas/customers.table.json"] }));
    expect(loadConfig(pathToFileURL(file)).schemas).toHaveLength(2);
  });

  it.each([
    ["awsKmsMrkKeyring", { keyId: mrk, region: "eu-west-1", failover: undefined }],
    ["awsKmsMrkKeyring", { keyId: mrk, failover: { regions: ["eu-west-1"], on: ["unreachable", "throttled"], deadlineSeconds: 2 } }],
    ["awsKmsKeyring", { keyId: single }],
    ["awsKmsMrkMultiKeyring", { generator: mrk, keyIds: [single] }],
    ["awsKmsDiscoveryKeyring", { discoveryFilter: { accountIds: ["111122223333"] } }],
    ["awsKmsMrkDiscoveryKeyring", { discoveryFilter: { accountIds: ["111122223333"] }, region: "eu-west-1" }],
    ["awsKmsHierarchicalKeyring", { branchKeyId: "tenant-1", ttlSeconds: 600 }],
    ["multiKeyring", { generator: { awsKmsMrkKeyring: { keyId: mrk } }, children: [{ awsKmsKeyring: { keyId: single } }] }],
    ["multiKeyring", { generator: { awsKmsMrkKeyring: { keyId: mrk } }, decryptOnly: [{ awsKmsKeyring: { keyId: single } }] }],
  ])("makes %s", (name, options) => {
    const config = { ...least, keyring: { [name]: options }, keyStore };
    expect(typeof (load(config).keyring as { onDecrypt?: unknown }).onDecrypt).toBe("function");
    expect(accepts(JSON.parse(JSON.stringify(config)))).toBe(true);
  });

  it("reads, and does not write, under the keyrings of decryptOnly", () => {
    const multi = { generator: { awsKmsMrkKeyring: { keyId: mrk } }, decryptOnly: [{ awsKmsKeyring: { keyId: single } }] };
    expect(load({ ...least, keyring: { multiKeyring: multi } }).keyring).toMatchObject({
      keyNames: [`aws-kms ${mrk}`, `aws-kms ${single}`],
    });
    // It has nothing to write with.
    const { keyring } = load({ ...least, keyring: { multiKeyring: { decryptOnly: multi.decryptOnly } } });
    const materials = { plaintextDataKey: undefined };
    return expect((keyring as { onEncrypt(...asked: unknown[]): Promise<unknown> }).onEncrypt(materials, {})).rejects.toMatchObject({
      code: "ERR_GENERATOR_MISSING",
    });
  });

  it("gives a table a keyring of its own, and the others the common one", () => {
    const { keyring } = load({ ...least, keyrings: { orders: { awsKmsKeyring: { keyId: single } } } });
    expect(Object.keys(keyring).sort()).toEqual(["customers", "orders"]);
  });

  it("gives beacon keys of the key store", () => {
    expect(load({ ...least, keyStore, beaconKeys: { branchKeyId: "b", ttlSeconds: 60 } }).beaconKeys).toMatchObject({
      branchKeyId: "b",
      ttlSeconds: 60,
    });
  });

  it.each([
    ["an unknown member", { role: "reader" }, ["role"]],
    ["a raw key", { keyring: { rawAesKeyring: { wrappingKey: "AAAA" } } }, ["keyring.rawAesKeyring"]],
    ["no keyring", { keyring: undefined }, ["keyring"]],
    ["an empty keyring", { keyring: {} }, ["keyring"]],
    ["two keyrings in one", { keyring: { awsKmsKeyring: { keyId: single }, awsKmsMrkKeyring: { keyId: mrk } } }, ["keyring"]],
    ["a keyring without its key", { keyring: { awsKmsMrkKeyring: {} } }, ["keyring.awsKmsMrkKeyring.keyId"]],
    ["a misspelt option", { keyring: { awsKmsMrkKeyring: { keyID: mrk } } }, ["keyring.awsKmsMrkKeyring.keyID"]],
    [
      "a multi keyring in a multi keyring",
      { keyring: { multiKeyring: { generator: { multiKeyring: {} } } } },
      ["keyring.multiKeyring.generator.multiKeyring"],
    ],
    ["an empty decryptOnly", { keyring: { multiKeyring: { decryptOnly: [] } } }, ["keyring.multiKeyring.decryptOnly"]],
    ["an empty keyring in decryptOnly", { keyring: { multiKeyring: { decryptOnly: [{}] } } }, ["keyring.multiKeyring.decryptOnly[0]"]],
    ["an empty child", { keyring: { multiKeyring: { children: [{}] } } }, ["keyring.multiKeyring.children[0]"]],
    ["a hierarchical keyring without a key store", { keyring: { awsKmsHierarchicalKeyring: {} } }, ["keyring.awsKmsHierarchicalKeyring"]],
    ["beacon keys without a key store", { beaconKeys: { branchKeyId: "b" } }, ["beaconKeys"]],
    ["two ways to a beacon key", { keyStore, beaconKeys: { branchKeyId: "b", fromAttribute: "t" } }, ["beaconKeys"]],
    ["a key store without a KMS key", { keyStore: { ...keyStore, kms: {} } }, ["keyStore.kms"]],
    ["a key store with two KMS keys", { keyStore: { ...keyStore, kms: { mrkArn: mrk, keyArn: single } } }, ["keyStore.kms"]],
    [
      "failover of a single-Region key",
      { keyStore: { ...keyStore, kms: { keyArn: single, failover: { regions: ["eu-west-1"] } } } },
      ["keyStore.kms.failover"],
    ],
    [
      "a fraction of a second",
      { keyStore, keyring: { awsKmsHierarchicalKeyring: { ttlSeconds: 0.5 } } },
      ["keyring.awsKmsHierarchicalKeyring.ttlSeconds"],
    ],
    ["no schemas", { schemas: [] }, ["schemas"]],
    ["plainTables of another kind", { plainTables: "none" }, ["plainTables"]],
  ])("refuses %s", (_what, change, paths) => {
    expect(problemsOf(change)).toEqual(paths);
  });

  it("says all that is wrong, and where", () => {
    expect(() => load({ ...least, role: 1, keyStore: { kms: 3 } })).toThrow(
      expect.objectContaining({ code: "ERR_CONFIG_INVALID", message: expect.stringContaining("dynaseal.config.json: role") }),
    );
  });

  it.each([
    ["a file that is not there", () => loadConfig(join(folder, "none.json")), "ERR_SCHEMA_FILE"],
    ["a schema that is not there", () => load({ ...least, schemas: "none" }), "ERR_SCHEMA_FILE"],
    ["a key that is not an ARN", () => load({ ...least, keyring: { awsKmsMrkKeyring: { keyId: "arn:aws:kms" } } }), "ERR_INVALID_ARGUMENT"],
  ])("refuses %s", (_what, action, code) => {
    expect(action).toThrow(expect.objectContaining({ code }));
  });
});
