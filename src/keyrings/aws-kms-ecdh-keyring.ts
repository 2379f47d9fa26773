import { bytesEqual, type SecretBytes } from "../bytes/index.ts";
import { type EcdhCurve, type EcdhPublicKey, importEcdhPublicKey, type Randomness, systemRandomness } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { deriveSharedSecret, getPublicKey, KmsConnection, type MultiRegionKmsOptions } from "../kms/index.ts";
import { type Keyring, type KeyringCall, keyNameOf } from "../materials/index.ts";
import { ecdhCurve, ecdhPublicKey, kmsIdentifier } from "./arguments.ts";
import { refuseUnlessKeyArn } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";
import {
  areParties,
  type EcdhParties,
  serializeEcdhProviderInfo,
  storedParties,
  storedSender,
  unwrapWithAgreement,
  wrapWithAgreement,
} from "./ecdh-data-keys.ts";
import { publicKeyOnce } from "./public-key-once.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

/**
 * Who agrees with whom:
 * - `static`: the KMS key and one other party; both write and read.
 * - `discovery`: the KMS key as recipient; reads what anybody wrote to it, and cannot write.
 */
export type AwsKmsEcdhKeyringOptions = MultiRegionKmsOptions &
  DecryptCallLimit & {
    readonly curve: EcdhCurve;
    /** ARN of an ECC key for key agreement. */
    readonly keyId: string;
    /** Of the KMS key; PEM or DER of SubjectPublicKeyInfo. Fetched once unless given. */
    readonly publicKey?: string | Uint8Array | undefined;
  } & (
    | { readonly keyAgreement: "static" /** The other party's. */; readonly recipientPublicKey: string | Uint8Array }
    | { readonly keyAgreement: "discovery" }
  );

/**
 * A keyring around an elliptic-curve key in KMS: one DeriveSharedSecret an item.
 *
 * Its encrypted data key: provider id = `aws-kms-ecdh`, else that of `rawEcdhKeyring`; either reads what the other
 * wrote to it. So a partner outside AWS writes with `rawEcdhKeyring` and only the owner of the KMS key reads.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KMS_KEY_NOT_ARN
 * @see framework/aws-kms/aws-kms-ecdh-keyring.md, framework/key-agreement-schemas.md
 * @see framework/aws-kms/aws-kms-ecdh-keyring.md "ECC Keys", "Interface", "Initialization", "Curve Specification"
 * @see framework/aws-kms/aws-kms-ecdh-keyring.md "Supported Curve Specifications", "OnEncrypt", "OnDecrypt"
 * @see framework/key-agreement-schemas.md "KmsPublicKeyDiscovery", "KmsPrivateKeyToStaticPublicKey"
 */
export function awsKmsEcdhKeyring(options: AwsKmsEcdhKeyringOptions): Keyring {
  return kmsEcdhKeyring(options, systemRandomness);
}

/** As {@link awsKmsEcdhKeyring}, with the random bytes of the caller. */
export function kmsEcdhKeyring(options: AwsKmsEcdhKeyringOptions, randomness: Randomness): Keyring {
  const curve = ecdhCurve(options.curve);
  const key = kmsIdentifier("keyId", options.keyId);
  refuseUnlessKeyArn(key);
  if (options.keyAgreement !== "static" && options.keyAgreement !== "discovery")
    throw invalidArgument("keyAgreement", "static or discovery");
  const other = options.keyAgreement === "static" ? ecdhPublicKey("recipientPublicKey", curve, options.recipientPublicKey) : undefined;
  const given = options.publicKey === undefined ? undefined : ecdhPublicKey("publicKey", curve, options.publicKey);
  const limit = decryptCallLimit(options);
  const connection = new KmsConnection(options, "awsKmsEcdhKeyring");
  const ownPublicKey = publicKeyOnce(given, async (call) => {
    const { publicKey, keyUsage } = await connection.inOwnRegion(key, call, (target) => getPublicKey({ connection, target, call }));
    const imported = importEcdhPublicKey(curve, publicKey);
    if (imported === undefined || keyUsage !== "KEY_AGREEMENT") throw invalidArgument("keyId", `a KMS key for key agreement on ${curve}`);
    return imported;
  });

  function sharedSecretWith(peer: EcdhPublicKey, call: KeyringCall): Promise<SecretBytes> {
    return connection.inOwnRegion(key, call, (target) => deriveSharedSecret({ connection, target, call }, { publicKey: peer.spki }));
  }

  /** The other party where the parties are the configured ones. */
  function peerOf(parties: EcdhParties, own: EcdhPublicKey): EcdhPublicKey | false {
    if (other !== undefined) return areParties(parties, own, other) && other;
    return bytesEqual(parties.recipient, own.compressed) && storedSender(curve, parties);
  }

  return singleKeyKeyring<{ readonly parties: EcdhParties; readonly peer: EcdhPublicKey }>({
    randomness,
    keyNames: [keyNameOf("aws-kms-ecdh", key.text)],
    wrapping:
      other === undefined
        ? { readsOnly: "A KMS ECDH keyring for discovery" }
        : {
            async wrapKey(intermediateKey, { aad, call }) {
              const own = await ownPublicKey(call);
              const parties = { sender: own.compressed, recipient: other.compressed };
              const sharedSecret = await sharedSecretWith(other, call);
              const wrapped = wrapWithAgreement({ curve, parties, sharedSecret }, aad, randomness, intermediateKey);
              return { keyProviderId: "aws-kms-ecdh", keyProviderInfo: serializeEcdhProviderInfo(parties), wrapped };
            },
          },
    async matching(encryptedDataKeys, call) {
      // Nobody is asked for the public key before an item says that ECDH protects it.
      const concerned = encryptedDataKeys.some((encryptedDataKey) => storedParties(encryptedDataKey) !== undefined);
      const own = concerned ? await ownPublicKey(call) : undefined;
      return (encryptedDataKey) => {
        const parties = storedParties(encryptedDataKey);
        if (parties === undefined || own === undefined) return false;
        const peer = peerOf(parties, own);
        return peer && { parties, peer };
      };
    },
    unwrapKey: async (wrapped, { parties, peer }, { aad, call }) =>
      unwrapWithAgreement({ curve, parties, sharedSecret: await sharedSecretWith(peer, call) }, aad, wrapped),
    limit,
  });
}
