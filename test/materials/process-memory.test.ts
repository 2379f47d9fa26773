import { type ChildProcess, fork } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SecretBytes } from "../../src/bytes/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import type { DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { cmmOf } from "../../src/materials/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";
import {
  type Endpoint,
  type KeyringCase,
  keyringOf,
  type MemoryAnswer,
  type MemoryCase,
  plainItem,
  schemaOf,
  shortTtlSeconds,
} from "../support/memory/cases.ts";
import { secretsIn } from "../support/memory/process-memory.ts";

const region = "us-east-1";
const child = fileURLToPath(new URL("../support/memory/process-under-test.ts", import.meta.url));
/** Loaded first, so that it sees the making of every key. */
const signingScalars = new URL("../support/memory/signing-scalars.ts", import.meta.url).href;
const execArgv = ["--expose-gc", "--import", "tsx", "--import", signingScalars];

function pemPair(type: "rsa" | "ec"): { publicKey: string; privateKey: string } {
  const { publicKey, privateKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Every key of an item: what its decryption wipes, and the two that come out of the CMM. */
async function secretsOf(given: KeyringCase, stored: JsonItem): Promise<readonly Uint8Array[]> {
  const seen: Uint8Array[] = [];
  const header = Buffer.from(String(stored["aws_dbe_head"]?.["B"]), "base64");
  const note = (secret: SecretBytes): void => {
    const bytes = Uint8Array.from(secret.reveal());
    // The first half of what ECDH derives is the commitment key, which the item shows to all.
    seen.push(header.includes(Buffer.from(bytes.subarray(0, 16))) ? bytes.subarray(32) : bytes);
  };
  const wipe = SecretBytes.prototype.wipe;
  SecretBytes.prototype.wipe = function (this: SecretBytes): void {
    try {
      note(this);
    } catch {
      // Wiped before.
    }
    wipe.call(this);
  };
  try {
    const cmm = cmmOf(keyringOf(given));
    const { item } = await itemEncryptor({
      schema: schemaOf(given),
      keyring: {
        getEncryptionMaterials: () => Promise.reject(new Error("reads only")),
        decryptMaterials: async (request, call) => {
          const materials = await cmm.decryptMaterials(request, call);
          note(materials.plaintextDataKey);
          note(materials.symmetricSigningKey);
          return materials;
        },
      },
    }).decryptItem(itemFromJson(stored));
    expect(item.note).toEqual(plainItem.note);
  } finally {
    SecretBytes.prototype.wipe = wipe;
  }
  return seen;
}

describe("the memory of a process whose items are done, read from outside", () => {
  const rsa = pemPair("rsa");
  const [own, other] = [pemPair("ec"), pemPair("ec")];
  const wrappingKey = randomBytes(32);
  let servers: KeyStoreServers;
  let keyStore: DynamoDbBranchKeyStore;
  let underTest: ChildProcess;
  let cases: readonly MemoryCase[];
  let found: readonly string[];
  let branchKeys: Readonly<Record<"held" | "expired", Uint8Array>>;
  const secrets = new Map<string, Uint8Array>();

  beforeAll(async () => {
    servers = await startKeyStoreServers();
    keyStore = servers.keyStore(region);
    const [symmetric, rsaKey, ecKey] = await Promise.all([
      servers.kms.createKey({ region }),
      servers.kms.createKey({ region, keySpec: "RSA_2048" }),
      servers.kms.createKey({ region, keySpec: "ECC_NIST_P256", keyUsage: "KEY_AGREEMENT" }),
    ]);
    const { PublicKey: recipient = new Uint8Array() } = await servers.kmsClient(region).send(
      new GetPublicKeyCommand({
        KeyId: (await servers.kms.createKey({ region, keySpec: "ECC_NIST_P256", keyUsage: "KEY_AGREEMENT" })).arn,
      }),
    );
    const { branchKeyId } = await keyStore.createKey();
    const { branchKeyId: shortLived } = await keyStore.createKey();
    branchKeys = {
      held: Uint8Array.from((await keyStore.getActiveBranchKey({ branchKeyId })).branchKey.reveal()),
      expired: Uint8Array.from((await keyStore.getActiveBranchKey({ branchKeyId: shortLived })).branchKey.reveal()),
    };
    const kms = servers.kms.clientConfig(region) as Endpoint;
    const hierarchical = {
      kind: "hierarchical",
      kms,
      dynamoDb: servers.tables.clientConfig(region) as Endpoint,
      mrkArn: servers.keyArn,
      branchKeyId,
      ttlSeconds: 300,
    } as const;
    const rawAes = { kind: "raw AES", wrappingKey: wrappingKey.toString("base64") } as const;
    const keyrings: readonly (readonly [string, KeyringCase, MemoryCase["materials"]])[] = [
      ["raw AES", rawAes, "released"],
      ["raw RSA, OAEP", { kind: "raw RSA", ...rsa, padding: "OAEP_SHA256_MGF1" }, "released"],
      ["raw RSA, PKCS1", { kind: "raw RSA", ...rsa, padding: "PKCS1" }, "released"],
      ["raw ECDH", { kind: "raw ECDH", privateKey: own.privateKey, recipientPublicKey: other.publicKey }, "released"],
      ["KMS", { kind: "KMS", kms, keyId: symmetric.arn }, "released"],
      ["KMS RSA", { kind: "KMS RSA", kms, keyId: rsaKey.arn }, "released"],
      ["KMS ECDH", { kind: "KMS ECDH", kms, keyId: ecKey.arn, recipientPublicKey: Buffer.from(recipient).toString("base64") }, "released"],
      ["hierarchical", hierarchical, "released"],
      ["hierarchical, expired", { ...hierarchical, branchKeyId: shortLived, ttlSeconds: shortTtlSeconds }, "released"],
      ["control", rawAes, "held"],
      ["reused signing key", rawAes, "reused"],
    ];
    const prepared: MemoryCase[] = [];
    for (const [name, keyring, materials] of keyrings) {
      const encryptor = itemEncryptor({ schema: schemaOf(keyring), keyring: keyringOf(keyring) });
      prepared.push({ name, keyring, materials, stored: itemToJson((await encryptor.encryptItem(plainItem)).item) });
    }
    cases = prepared;
    underTest = fork(child, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const answered = <Message>(): Promise<Message> =>
      new Promise((resolve, reject) => {
        underTest.once("message", (message) => resolve(message as Message));
        underTest.once("exit", (code) => reject(new Error(`the process under test ended with ${code}`)));
      });
    await answered<string>();
    const answer = answered<MemoryAnswer>();
    underTest.send(cases);
    const { encrypted, scalars } = await answer;
    for (const [index, { name, keyring, stored }] of cases.entries()) {
      for (const [direction, item] of [
        ["decrypted", stored],
        ["encrypted", encrypted[index] ?? {}],
      ] as const) {
        for (const [number, secret] of (await secretsOf(keyring, item)).entries()) secrets.set(`${name}, ${direction}, ${number}`, secret);
      }
    }
    for (const [index, { name }] of cases.entries()) {
      const scalar = scalars[index];
      // OpenSSL keeps numbers with the last byte first.
      if (scalar !== null && scalar !== undefined)
        secrets.set(`${name}, signing key`, Uint8Array.from(Buffer.from(scalar, "base64url")).reverse());
    }
    secrets.set("wrapping key", wrappingKey);
    for (const [name, key] of Object.entries(branchKeys)) secrets.set(`branch key, ${name}`, key);
    found = secretsIn(underTest.pid ?? 0, secrets);
    // The process goes on collecting: what a slow machine had not collected yet is gone at a later look.
    for (let look = 1; look < 4; look++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const again = new Set(secretsIn(underTest.pid ?? 0, secrets));
      found = found.filter((name) => again.has(name));
    }
  });
  afterAll(async () => {
    underTest?.kill("SIGKILL");
    await servers?.stop();
  });

  it("is searched well: what is held is found, a keyring's own key, a cached branch key, and materials that nobody released", () => {
    expect(found).toContain("wrapping key");
    expect(found).toContain("branch key, held");
    expect(found.filter((name) => name.startsWith("control, decrypted")).length).toBeGreaterThan(0);
    expect(found.filter((name) => name.startsWith("control, encrypted")).length).toBeGreaterThan(0);
  });

  it.each([
    ...["raw AES", "raw RSA, OAEP", "raw RSA, PKCS1", "raw ECDH", "KMS", "KMS RSA", "KMS ECDH", "hierarchical", "hierarchical, expired"],
  ])("holds no key of an item under %s, neither of one that was encrypted nor of one that was decrypted", (name) => {
    for (const direction of ["encrypted", "decrypted"]) {
      const own = [...secrets.keys()].filter((key) => key.startsWith(`${name}, ${direction}, `));
      expect(own.length).toBeGreaterThanOrEqual(4);
      expect(found.filter((key) => own.includes(key))).toEqual([]);
    }
  });

  it("holds no private signing key of an item, unless it is to be used again", () => {
    const signingKeys = [...secrets.keys()].filter((name) => name.endsWith(", signing key"));
    expect(signingKeys).toHaveLength(10);
    expect(found.filter((name) => name.endsWith(", signing key"))).toEqual(["control, signing key", "reused signing key, signing key"]);
  });

  it("holds no branch key whose time to live is over", () => {
    expect(found).not.toContain("branch key, expired");
  });
});
