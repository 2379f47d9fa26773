import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import {
  awsKmsEcdhKeyring,
  awsKmsHierarchicalKeyring,
  awsKmsKeyring,
  awsKmsRsaKeyring,
  rawAesKeyring,
  rawEcdhKeyring,
  rawRsaKeyring,
} from "../../../src/keyrings/index.ts";
import { branchKeyStore } from "../../../src/keystore/index.ts";
import { type CryptographicMaterialsManager, cmmOf, defaultCmm, type Keyring } from "../../../src/materials/index.ts";
import { defineTable, type TableSchema } from "../../../src/schema/index.ts";
import type { JsonItem } from "../dynamodb-json.ts";

/** How a client reaches a local server, as JSON. */
export interface Endpoint {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A keyring as JSON, so that the process under test can be told of it. */
export type KeyringCase =
  | { readonly kind: "raw AES"; readonly wrappingKey: string }
  | { readonly kind: "raw RSA"; readonly publicKey: string; readonly privateKey: string; readonly padding: "PKCS1" | "OAEP_SHA256_MGF1" }
  | { readonly kind: "raw ECDH"; readonly privateKey: string; readonly recipientPublicKey: string }
  | { readonly kind: "KMS"; readonly kms: Endpoint; readonly keyId: string }
  | { readonly kind: "KMS RSA"; readonly kms: Endpoint; readonly keyId: string }
  | { readonly kind: "KMS ECDH"; readonly kms: Endpoint; readonly keyId: string; readonly recipientPublicKey: string }
  | {
      readonly kind: "hierarchical";
      readonly kms: Endpoint;
      readonly dynamoDb: Endpoint;
      readonly mrkArn: string;
      readonly branchKeyId: string;
      readonly ttlSeconds: number;
    };

/** One item that the process under test encrypts, and one that it decrypts. */
export interface MemoryCase {
  readonly name: string;
  readonly keyring: KeyringCase;
  /** `held`: as if the application kept what belongs to the item. `reused`: its signing key waits for further items. */
  readonly materials: "released" | "held" | "reused";
  /** Encrypted by the test. */
  readonly stored: JsonItem;
}

/** What the process under test answers once it has let go of everything: what it encrypted, case by case. */
export interface MemoryAnswer {
  readonly encrypted: readonly JsonItem[];
  /** The private keys that signed them, base64url; `null` under the HMAC suite. */
  readonly scalars: readonly (string | null)[];
}

/** Of a branch key that is to be gone when the process is looked at. */
export const shortTtlSeconds = 1;

export const plainItem = { id: { S: "42" }, note: { S: "a note" }, list: { L: [{ S: "one" }, { N: "2" }] } };

export function schemaOf({ kind }: KeyringCase): TableSchema {
  // RSA in KMS takes no other suite.
  const algorithmSuite = kind === "KMS RSA" ? "HMAC" : "ECDSA";
  return defineTable({
    tableName: "memory",
    partitionKey: "id",
    algorithmSuite,
    attributes: { note: "ENCRYPT_AND_SIGN", list: "ENCRYPT_AND_SIGN" },
  });
}

export function keyringOf(given: KeyringCase): Keyring {
  const name = { keyNamespace: "memory", keyName: "key" };
  switch (given.kind) {
    case "raw AES":
      return rawAesKeyring({ ...name, wrappingKey: Buffer.from(given.wrappingKey, "base64") });
    case "raw RSA":
      return rawRsaKeyring({ ...name, padding: given.padding, publicKey: given.publicKey, privateKey: given.privateKey });
    case "raw ECDH":
      return rawEcdhKeyring({ ...given, curve: "P-256", keyAgreement: "static" });
    case "KMS":
      return awsKmsKeyring({ keyId: given.keyId, client: new KMSClient(given.kms) });
    case "KMS RSA":
      return awsKmsRsaKeyring({ keyId: given.keyId, encryptionAlgorithm: "RSAES_OAEP_SHA_256", client: new KMSClient(given.kms) });
    case "KMS ECDH":
      return awsKmsEcdhKeyring({
        keyId: given.keyId,
        curve: "P-256",
        keyAgreement: "static",
        recipientPublicKey: Buffer.from(given.recipientPublicKey, "base64"),
        client: new KMSClient(given.kms),
      });
    case "hierarchical": {
      const keyStore = branchKeyStore({
        tableName: "KeyStore",
        logicalKeyStoreName: "LogicalKeyStore",
        client: new DynamoDBClient(given.dynamoDb),
        kms: { mrkArn: given.mrkArn, client: new KMSClient(given.kms) },
      });
      return awsKmsHierarchicalKeyring({ keyStore, branchKeyId: given.branchKeyId, ttlSeconds: given.ttlSeconds });
    }
  }
}

export function encryptsWith(
  keyring: Keyring,
  materials: MemoryCase["materials"],
  held: unknown[],
): Keyring | CryptographicMaterialsManager {
  if (materials === "released") return keyring;
  if (materials === "held") return holding(keyring, held);
  const cmm = defaultCmm(keyring, { signingKeyReuse: {} });
  held.push(cmm);
  return cmm;
}

/** A CMM whose materials nobody releases, and which remembers them. */
function holding(keyring: Keyring, held: unknown[]): CryptographicMaterialsManager {
  const cmm = cmmOf(keyring);
  const kept = <Materials extends object>(materials: Materials): Materials => {
    held.push(materials);
    return { ...materials, release: () => undefined };
  };
  return {
    getEncryptionMaterials: async (request, call) => kept(await cmm.getEncryptionMaterials(request, call)),
    decryptMaterials: async (request, call) => kept(await cmm.decryptMaterials(request, call)),
  };
}
