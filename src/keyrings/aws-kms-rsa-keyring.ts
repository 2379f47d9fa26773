import { SecretBytes, secretMemory, utf8 } from "../bytes/index.ts";
import {
  type AlgorithmSuite,
  constantTimeEqual,
  digest,
  importRsaPublicKey,
  type Randomness,
  type RsaPublicKey,
  systemRandomness,
} from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { decrypt, getPublicKey, KmsConnection, type KmsRsaAlgorithm, type MultiRegionKmsOptions, multiRegionMatch } from "../kms/index.ts";
import { type Keyring, keyNameOf } from "../materials/index.ts";
import { kmsIdentifier } from "./arguments.ts";
import { refuseUnlessKeyArn, storedKmsKey, tellingCause } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";
import { publicKeyOnce } from "./public-key-once.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

export interface AwsKmsRsaKeyringOptions extends MultiRegionKmsOptions, DecryptCallLimit {
  /** ARN of an RSA key for encryption and decryption. */
  readonly keyId: string;
  readonly encryptionAlgorithm: KmsRsaAlgorithm;
  /** PEM or DER of SubjectPublicKeyInfo: then writing needs no KMS call and no AWS account. Else fetched once. */
  readonly publicKey?: string | Uint8Array | undefined;
}

const providerId = "aws-kms-rsa";
const minimumModulusBits = 2048;
const paddings = { RSAES_OAEP_SHA_1: "OAEP_SHA1_MGF1", RSAES_OAEP_SHA_256: "OAEP_SHA256_MGF1" } as const;

/**
 * A keyring around an RSA key in KMS: everybody with the public key can write, KMS decides who reads. Only for the HMAC
 * suite.
 *
 * Its encrypted data key: provider id = `aws-kms-rsa`; provider info = the configured key ARN; ciphertext = `wrapped
 * data key (48) ‖ RSA-OAEP(public key, SHA-384(encryption context) (48) ‖ intermediate key (32))`.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KMS_KEY_NOT_ARN
 * @see framework/aws-kms/aws-kms-rsa-keyring.md
 * @see framework/aws-kms/aws-kms-rsa-keyring.md "Initialization", "AWS KMS Encryption Algorithm", "Supported Padding Schemes"
 * @see framework/aws-kms/aws-kms-rsa-keyring.md "OnEncrypt", "OnDecrypt", "Encryption Context Digest"
 */
export function awsKmsRsaKeyring(options: AwsKmsRsaKeyringOptions): Keyring {
  return kmsRsaKeyring(options, systemRandomness);
}

/** As {@link awsKmsRsaKeyring}, with the random bytes of the caller. */
export function kmsRsaKeyring(options: AwsKmsRsaKeyringOptions, randomness: Randomness): Keyring {
  const key = kmsIdentifier("keyId", options.keyId);
  refuseUnlessKeyArn(key);
  const { encryptionAlgorithm } = options;
  if (!Object.hasOwn(paddings, encryptionAlgorithm)) throw invalidArgument("encryptionAlgorithm", "RSAES_OAEP_SHA_256 or RSAES_OAEP_SHA_1");
  const limit = decryptCallLimit(options);
  const connection = new KmsConnection(options, "awsKmsRsaKeyring");
  const given = options.publicKey === undefined ? undefined : rsaPublicKey(options.publicKey);
  const publicKey = publicKeyOnce(given, async (call) => {
    const answer = await connection.inOwnRegion(key, call, (target) => getPublicKey({ connection, target, call }));
    return rsaPublicKey(answer.publicKey);
  });
  return singleKeyKeyring<true>({
    randomness,
    keyNames: [keyNameOf(providerId, key.text)],
    checkSuite: refuseSignedSuite,
    wrapping: {
      async wrapKey(intermediateKey, { aad, call }) {
        const rsa = await publicKey(call);
        const contextDigest = digest("sha384", aad);
        const plaintext = secretMemory(contextDigest.length + intermediateKey.length);
        plaintext.set(contextDigest);
        plaintext.set(intermediateKey.reveal(), contextDigest.length);
        const wrapped = rsa.encrypt(paddings[encryptionAlgorithm], plaintext);
        plaintext.fill(0);
        if (wrapped === undefined) throw invalidArgument("publicKey", "an RSA key that is long enough");
        return { keyProviderId: providerId, keyProviderInfo: utf8(key.text), wrapped };
      },
    },
    matching: () => (encryptedDataKey) => {
      const stored = storedKmsKey(encryptedDataKey, providerId);
      return stored !== undefined && multiRegionMatch(key, stored);
    },
    async unwrapKey(ciphertext, _, { aad, call }) {
      const plaintext = await tellingCause("ciphertext", () =>
        connection.inOwnRegion(key, call, (target) => decrypt({ connection, target, call }, { ciphertext, encryptionAlgorithm })),
      );
      const contextDigest = digest("sha384", aad);
      const bytes = plaintext.reveal();
      const isOurs = constantTimeEqual(bytes.subarray(0, contextDigest.length), contextDigest);
      const intermediateKey = isOurs ? new SecretBytes(bytes.subarray(contextDigest.length)) : undefined;
      plaintext.wipe();
      return intermediateKey;
    },
    limit,
  });
}

function rsaPublicKey(key: string | Uint8Array): RsaPublicKey {
  const imported = importRsaPublicKey(key);
  if (imported === undefined || imported.modulusBits < minimumModulusBits) {
    throw invalidArgument("publicKey", `an RSA public key (SPKI) of at least ${minimumModulusBits} bits`);
  }
  return imported;
}

/** The signing key of the ECDSA suite is bound by the encryption context, which RSA cannot authenticate to KMS. */
function refuseSignedSuite(suite: AlgorithmSuite): void {
  if (suite.asymmetricSignature !== undefined) {
    throw new DynasealError("ERR_SUITE_NOT_SUPPORTED", { details: { keyring: "The KMS RSA keyring", algorithmSuite: suite.name } });
  }
}
