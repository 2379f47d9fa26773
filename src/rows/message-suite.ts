import { concatBytes, type SecretBytes, utf8 } from "../bytes/index.ts";
import { hkdfExpand, hkdfExtract } from "../crypto/index.ts";

/**
 * The committing algorithm suites of the AWS Encryption SDK. They wrap the data key directly: there is no intermediate
 * key and no symmetric signature as in the suites of items.
 *
 * @see framework/algorithm-suites.md "Supported Algorithm Suites"
 */
export interface MessageSuite {
  readonly name: "ECDSA" | "HKDF";
  readonly id: "0x0478" | "0x0578";
  /** The same, as the header stores it. */
  readonly code: number;
  readonly signed: boolean;
}

const suites: readonly MessageSuite[] = [
  Object.freeze<MessageSuite>({ name: "HKDF", id: "0x0478", code: 0x0478, signed: false }),
  Object.freeze<MessageSuite>({ name: "ECDSA", id: "0x0578", code: 0x0578, signed: true }),
];

export function messageSuiteByCode(code: number): MessageSuite | undefined {
  return suites.find((suite) => suite.code === code);
}

/** Bytes of data key, derived key and commitment alike. */
export const messageKeyLength = 32;

const deriveLabel = utf8("DERIVEKEY");
const commitLabel = utf8("COMMITKEY");

/**
 * `key = HKDF-SHA-512(data key, salt = message id, info = suite id (2) ‖ "DERIVEKEY")`, and the commitment with the info
 * "COMMITKEY". The caller wipes both.
 *
 * @see framework/algorithm-suites.md "Algorithm Suites Encryption Key Derivation Settings", "Algorithm Suites Commit Key Derivation Settings"
 */
export function deriveMessageKeys(
  suite: MessageSuite,
  dataKey: SecretBytes,
  messageId: Uint8Array,
): { readonly key: SecretBytes; readonly commitment: SecretBytes } {
  const extracted = hkdfExtract("sha512", dataKey, messageId);
  try {
    const info = concatBytes(Uint8Array.of(suite.code >>> 8, suite.code & 0xff), deriveLabel);
    return {
      key: hkdfExpand("sha512", extracted, messageKeyLength, info),
      commitment: hkdfExpand("sha512", extracted, messageKeyLength, commitLabel),
    };
  } finally {
    extracted.wipe();
  }
}
