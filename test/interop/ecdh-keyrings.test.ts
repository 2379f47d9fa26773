import { generateKeyPairSync } from "node:crypto";
import { afterAll, describe, it } from "vitest";
import { expectExchange, type KeyringPair } from "../support/exchange.ts";
import { type JavaKeyring, keyringOf } from "../support/java-config.ts";
import { startJavaPeer } from "../support/java-peer.ts";

const peer = startJavaPeer();
afterAll(() => peer.stop());

const namedCurves = { ECC_NIST_P256: "prime256v1", ECC_NIST_P384: "secp384r1", ECC_NIST_P521: "secp521r1" } as const;

function keyPair(namedCurve: string): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
  return {
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
  };
}

describe.each(Object.entries(namedCurves))("raw ECDH on %s", (curveSpec, namedCurve) => {
  const sender = keyPair(namedCurve);
  const recipient = keyPair(namedCurve);
  const pair = (keyAgreementScheme: Readonly<Record<string, Readonly<Record<string, string>>>>): KeyringPair => {
    const java: JavaKeyring = { type: "raw-ecdh", curveSpec, keyAgreementScheme };
    return { ours: keyringOf(java), java };
  };
  const bySender = pair({
    RawPrivateKeyToStaticPublicKey: { senderStaticPrivateKey: sender.privateKey, recipientPublicKey: recipient.publicKey },
  });
  const byRecipient = pair({
    RawPrivateKeyToStaticPublicKey: { senderStaticPrivateKey: recipient.privateKey, recipientPublicKey: sender.publicKey },
  });
  const discovery = pair({ PublicKeyDiscovery: { recipientStaticPrivateKey: recipient.privateKey } });
  const ephemeral = pair({ EphemeralPrivateKeyToStaticPublicKey: { recipientPublicKey: recipient.publicKey } });

  it("static: both parties read", () => expectExchange(peer, { writer: bySender, readers: [bySender, byRecipient, discovery] }));

  it("ephemeral: the recipient reads", () => expectExchange(peer, { writer: ephemeral, readers: [discovery] }));
});
