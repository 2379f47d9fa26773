/**
 * The facts of one algorithm suite; looked up once, carried along, never switched on.
 *
 * @see framework/algorithm-suites.md "Algorithm Suites Signature Settings", "Structure", "Algorithm Suite ID", "Encryption Algorithm"
 * @see framework/algorithm-suites.md "Message Format Version", "Overview"
 */
export interface AlgorithmSuite {
  /** What schema files call it. */
  readonly name: "ECDSA" | "HMAC";
  /** Two bytes, as `header` shows them. */
  readonly id: "0x6700" | "0x6701";
  /** The header's Format Flavor: the id's second byte. */
  readonly flavor: number;
  readonly encryptionKeyLength: 32;
  readonly ivLength: 12;
  readonly tagLength: 16;
  /** HKDF hash of every derivation (field root, commit key, intermediate key wrapping). */
  readonly kdfHash: "sha512";
  /** HMAC over the canonical hash, one for each encrypted data key. */
  readonly symmetricSignature: { readonly hash: "sha384"; readonly length: 48 };
  /** ECDSA over the canonical hash; DER of exactly `length` bytes. */
  readonly asymmetricSignature: { readonly curve: "P-384"; readonly hash: "sha384"; readonly length: 103 } | undefined;
}

const shared = {
  encryptionKeyLength: 32,
  ivLength: 12,
  tagLength: 16,
  kdfHash: "sha512",
  symmetricSignature: { hash: "sha384", length: 48 },
} as const;

/** @see framework/algorithm-suites.md "Supported Algorithm Suites" */
export const hmacSuite: AlgorithmSuite = Object.freeze<AlgorithmSuite>({
  name: "HMAC",
  id: "0x6700",
  flavor: 0x00,
  ...shared,
  asymmetricSignature: undefined,
});

/** The default, as in DB-ESDK. */
export const ecdsaSuite: AlgorithmSuite = Object.freeze<AlgorithmSuite>({
  name: "ECDSA",
  id: "0x6701",
  flavor: 0x01,
  ...shared,
  asymmetricSignature: { curve: "P-384", hash: "sha384", length: 103 },
});

const suites: readonly AlgorithmSuite[] = [hmacSuite, ecdsaSuite];

/** @see framework/commitment-policy.md "DBE.REQUIRE_ENCRYPT_REQUIRE_DECRYPT" */
export function suiteByFlavor(flavor: number): AlgorithmSuite | undefined {
  return suites.find((suite) => suite.flavor === flavor);
}

export function suiteByName(name: AlgorithmSuite["name"]): AlgorithmSuite {
  return name === "HMAC" ? hmacSuite : ecdsaSuite;
}
