import { bytesEqual, type SecretBytes } from "../bytes/index.ts";
import {
  type EcdhCurve,
  type EcdhPrivateKey,
  type EcdhPublicKey,
  generateEcdhKey,
  type Randomness,
  systemRandomness,
} from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type Keyring, keyNameOf } from "../materials/index.ts";
import { ecdhCurve, ecdhPrivateKey, ecdhPublicKey } from "./arguments.ts";
import {
  areParties,
  type EcdhParties,
  serializeEcdhProviderInfo,
  storedParties,
  storedSender,
  unwrapWithAgreement,
  wrapWithAgreement,
} from "./ecdh-data-keys.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

/**
 * Who agrees with whom:
 * - `static`: two parties, each with a key pair of its own; both write and read.
 * - `ephemeral`: writes to a recipient, with a key pair that is new for each item; cannot read.
 * - `discovery`: the recipient; reads what anybody wrote to it, and cannot write.
 */
export type RawEcdhKeyringOptions = { readonly curve: EcdhCurve } & (
  | {
      readonly keyAgreement: "static";
      /** PEM of PKCS#8. */
      readonly privateKey: string;
      /** The other party's; PEM or DER of SubjectPublicKeyInfo. */
      readonly recipientPublicKey: string | Uint8Array;
    }
  | { readonly keyAgreement: "ephemeral"; readonly recipientPublicKey: string | Uint8Array }
  | { readonly keyAgreement: "discovery"; readonly privateKey: string }
);

/**
 * A keyring around an elliptic-curve key that the application itself keeps.
 *
 * Its encrypted data key: provider id = `raw-ecdh`; provider info = `0x01 ‖ length (4) ‖ recipient's compressed point ‖
 * length (4) ‖ sender's compressed point`; ciphertext = `wrapped data key (48) ‖ salt (32) ‖ commitment key (32) ‖
 * wrapped intermediate key (48)`.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/raw-ecdh-keyring.md, framework/key-agreement-schemas.md
 * @see framework/key-agreement-schemas.md "Overview", "Raw ECDH Key Agreement Schemas", "EphemeralPrivateKeyToStaticPublicKey"
 * @see framework/key-agreement-schemas.md "PublicKeyDiscovery", "RawPrivateKeyToStaticPublicKey"
 * @see framework/raw-ecdh-keyring.md "ECC Keys", "Interface", "Initialization", "Curve Specification", "Supported Curve Specifications"
 * @see framework/raw-ecdh-keyring.md "OnEncrypt", "OnDecrypt"
 */
export function rawEcdhKeyring(options: RawEcdhKeyringOptions): Keyring {
  return ecdhKeyring(options, systemRandomness);
}

/** As {@link rawEcdhKeyring}, with the random bytes of the caller. */
export function ecdhKeyring(options: RawEcdhKeyringOptions, randomness: Randomness): Keyring {
  const curve = ecdhCurve(options.curve);
  switch (options.keyAgreement) {
    case "static": {
      const own = ecdhPrivateKey("privateKey", curve, options.privateKey);
      const other = ecdhPublicKey("recipientPublicKey", curve, options.recipientPublicKey);
      return keyring(
        { curve, randomness },
        async () => ({ own, other }),
        (parties) => areParties(parties, own.publicKey, other) && { own, other },
      );
    }
    case "ephemeral": {
      const other = ecdhPublicKey("recipientPublicKey", curve, options.recipientPublicKey);
      return keyring({ curve, randomness }, async () => ({ own: await generateEcdhKey(curve), other }), "writes only");
    }
    case "discovery": {
      const own = ecdhPrivateKey("privateKey", curve, options.privateKey);
      return keyring(
        { curve, randomness },
        "reads only",
        (parties) => bytesEqual(parties.recipient, own.publicKey.compressed) && { own, other: storedSender(curve, parties) },
      );
    }
    default:
      throw invalidArgument("keyAgreement", "static, ephemeral or discovery");
  }
}

interface KeyPairing {
  readonly own: EcdhPrivateKey;
  readonly other: EcdhPublicKey;
}

function keyring(
  { curve, randomness }: { readonly curve: EcdhCurve; readonly randomness: Randomness },
  sending: (() => Promise<KeyPairing>) | "reads only",
  receiving: ((parties: EcdhParties) => KeyPairing | false) | "writes only",
): Keyring {
  return singleKeyKeyring<{ readonly parties: EcdhParties; readonly pairing: KeyPairing }>({
    randomness,
    keyNames: [keyNameOf("raw-ecdh", curve)],
    wrapping:
      sending === "reads only"
        ? { readsOnly: "A raw ECDH keyring for discovery" }
        : {
            async wrapKey(intermediateKey, { aad }) {
              const pairing = await sending();
              const parties = { sender: pairing.own.publicKey.compressed, recipient: pairing.other.compressed };
              const agreement = { curve, parties, sharedSecret: sharedSecret(pairing) };
              const wrapped = wrapWithAgreement(agreement, aad, randomness, intermediateKey);
              return { keyProviderId: "raw-ecdh", keyProviderInfo: serializeEcdhProviderInfo(parties), wrapped };
            },
          },
    matching: () => (encryptedDataKey) => {
      const parties = storedParties(encryptedDataKey);
      if (parties === undefined) return false;
      if (receiving === "writes only")
        throw new DynasealError("ERR_KEYRING_CANNOT_DECRYPT", { details: { keyring: "A raw ECDH keyring with ephemeral keys" } });
      const pairing = receiving(parties);
      return pairing && { parties, pairing };
    },
    unwrapKey: (wrapped, { parties, pairing }, { aad }) =>
      unwrapWithAgreement({ curve, parties, sharedSecret: sharedSecret(pairing) }, aad, wrapped),
  });
}

function sharedSecret({ own, other }: KeyPairing): SecretBytes {
  const secret = own.sharedSecret(other);
  if (secret === undefined) throw invalidArgument("recipientPublicKey", "on the same curve as privateKey");
  return secret;
}
