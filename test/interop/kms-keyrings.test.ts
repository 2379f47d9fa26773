import { generateKeyPairSync } from "node:crypto";
import { GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EcdhCurve } from "../../src/crypto/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import {
  awsKmsDiscoveryKeyring,
  awsKmsEcdhKeyring,
  awsKmsKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  awsKmsMrkMultiKeyring,
  awsKmsRsaKeyring,
  multiKeyring,
} from "../../src/keyrings/index.ts";
import { type LocalKms, type LocalKmsKey, startLocalKms } from "../../src/testing/index.ts";
import { itemToJson } from "../support/dynamodb-json.ts";
import { exchangeConfig, exchangedItem, expectExchange, type KeyringPair } from "../support/exchange.ts";
import { cryptographyOf, type JavaKeyring, keyringOf } from "../support/java-config.ts";
import { type PeerAws, startJavaPeer } from "../support/java-peer.ts";

const here = "us-east-1";
const there = "eu-west-1";
const accountIds = ["000000000000"];

const peer = startJavaPeer();
const clients: KMSClient[] = [];
let kms: LocalKms;
let single: LocalKmsKey;
let primary: LocalKmsKey;
let replica: LocalKmsKey;
let aws: PeerAws;

beforeAll(async () => {
  kms = await startLocalKms({ regions: [here, there] });
  single = await kms.createKey({ region: here });
  primary = await kms.createKey({ region: here, multiRegion: true });
  replica = await kms.replicateKey({ keyId: primary.keyId, replicaRegion: there });
  aws = { kms: kms.endpoint };
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await Promise.all([peer.stop(), kms.stop()]);
});

function clientSupplier(region: string): KMSClient {
  const client = new KMSClient(kms.clientConfig(region));
  clients.push(client);
  return client;
}

const pair = (ours: KeyringPair["ours"], java: JavaKeyring): KeyringPair => ({ ours, java, aws });

function mrk(region: string): KeyringPair {
  const kmsKeyId = region === here ? primary.arn : replica.arn;
  return pair(awsKmsMrkKeyring({ keyId: primary.arn, region, clientSupplier }), { type: "kms-mrk", kmsKeyId, region });
}

function mrkDiscovery(region: string): KeyringPair {
  return pair(awsKmsMrkDiscoveryKeyring({ region, discoveryFilter: { accountIds }, clientSupplier }), {
    type: "kms-mrk-discovery",
    region,
    discoveryFilter: { partition: "aws", accountIds },
  });
}

describe("KMS keyrings, with the local KMS", () => {
  it("a single-Region key, and its discovery", async () => {
    const writer = pair(awsKmsKeyring({ keyId: single.arn, clientSupplier }), { type: "kms", kmsKeyId: single.arn });
    const discovery = pair(awsKmsDiscoveryKeyring({ region: here, discoveryFilter: { accountIds }, clientSupplier }), {
      type: "kms-discovery",
      region: here,
      discoveryFilter: { partition: "aws", accountIds },
    });
    await expectExchange(peer, { writer, readers: [writer, discovery] });
  });

  it("a multi-Region key, written here, read in both Regions, and by discovery", async () => {
    await expectExchange(peer, { writer: mrk(here), readers: [mrk(here), mrk(there), mrkDiscovery(here), mrkDiscovery(there)] });
  });

  it("an item is read here while the Region where it was written is down", async () => {
    const form = { suite: "0x6701", format: 2 } as const;
    const [writing, reading] = [exchangeConfig(mrk(there), form), exchangeConfig(mrk(here), form)];
    const ours = (await encryptItem(cryptographyOf(writing, mrk(there).ours), exchangedItem, {})).item;
    const theirs = (await peer.encryptItem(writing, exchangedItem)).item;
    const lift = kms.faults.down(there);
    await expect(peer.decryptItem(writing, ours)).rejects.toThrow();
    expect(itemToJson((await peer.decryptItem(reading, ours)).item)).toEqual(itemToJson(exchangedItem));
    const read = await decryptItem(cryptographyOf(reading, mrk(here).ours), theirs, {});
    expect(itemToJson(read.item)).toEqual(itemToJson(exchangedItem));
    lift();
  });

  it("several keys, each alone reads", async () => {
    const writer = pair(awsKmsMrkMultiKeyring({ generator: primary.arn, keyIds: [single.arn], region: here, clientSupplier }), {
      type: "kms-mrk-multi",
      generator: primary.arn,
      kmsKeyIds: [single.arn],
    });
    const second = pair(awsKmsKeyring({ keyId: single.arn, clientSupplier }), { type: "kms", kmsKeyId: single.arn });
    await expectExchange(peer, { writer, readers: [writer, mrk(there), second] });
  });

  it("a multi keyring of KMS and raw AES, each alone reads", async () => {
    const raw: JavaKeyring = { type: "raw-aes", keyNamespace: "n", keyName: "k", wrappingKey: Buffer.alloc(32, 1).toString("base64") };
    const rawPair: KeyringPair = { ours: keyringOf(raw), java: raw };
    const generator = mrk(here);
    const writer = pair(multiKeyring({ generator: generator.ours, children: [rawPair.ours] }), {
      type: "multi",
      generator: generator.java,
      childKeyrings: [raw],
    });
    await expectExchange(peer, { writer, readers: [writer, mrk(there), rawPair] });
  });

  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const)("an RSA key, %s", async (encryptionAlgorithm) => {
    const { arn } = await kms.createKey({ region: here, keySpec: "RSA_2048" });
    const publicKey = await publicKeyPem(arn);
    const writer = pair(awsKmsRsaKeyring({ keyId: arn, encryptionAlgorithm, publicKey, clientSupplier }), {
      type: "kms-rsa",
      kmsKeyId: arn,
      encryptionAlgorithm,
      publicKey,
    });
    await expectExchange(peer, { writer, readers: [writer], suites: ["0x6700"] });
  });

  it.each(["P-256", "P-384", "P-521"] as const)("key agreement on %s, with a key in KMS and one outside", async (curve: EcdhCurve) => {
    const curveSpec = `ECC_NIST_${curve.replace("-", "")}` as "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521";
    const { arn } = await kms.createKey({ region: here, keySpec: curveSpec });
    const partner = generateKeyPairSync("ec", { namedCurve: curve });
    const partnerPublicKey = partner.publicKey.export({ format: "der", type: "spki" });
    const recipientPublicKey = Uint8Array.from(partnerPublicKey);
    const ofKms = await publicKeyDer(arn);
    const inKms = pair(awsKmsEcdhKeyring({ curve, keyId: arn, keyAgreement: "static", recipientPublicKey, clientSupplier }), {
      type: "kms-ecdh",
      curveSpec,
      region: here,
      keyAgreementScheme: {
        KmsPrivateKeyToStaticPublicKey: { senderKmsIdentifier: arn, recipientPublicKey: partnerPublicKey.toString("base64") },
      },
    });
    const discovery = pair(awsKmsEcdhKeyring({ curve, keyId: arn, keyAgreement: "discovery", clientSupplier }), {
      type: "kms-ecdh",
      curveSpec,
      region: here,
      keyAgreementScheme: { KmsPublicKeyDiscovery: { recipientKmsIdentifier: arn } },
    });
    const senderStaticPrivateKey = partner.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const outside: JavaKeyring = {
      type: "raw-ecdh",
      curveSpec,
      keyAgreementScheme: {
        RawPrivateKeyToStaticPublicKey: { senderStaticPrivateKey, recipientPublicKey: Buffer.from(ofKms).toString("base64") },
      },
    };
    const partnerPair: KeyringPair = { ours: keyringOf(outside), java: outside };
    await expectExchange(peer, { writer: inKms, readers: [inKms] });
    await expectExchange(peer, { writer: partnerPair, readers: [partnerPair, discovery] });
  });
});

async function publicKeyDer(arn: string): Promise<Uint8Array> {
  const { PublicKey } = await clientSupplier(here).send(new GetPublicKeyCommand({ KeyId: arn }));
  return PublicKey ?? new Uint8Array();
}

async function publicKeyPem(arn: string): Promise<string> {
  const lines =
    Buffer.from(await publicKeyDer(arn))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`;
}
