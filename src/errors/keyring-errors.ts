import type { ErrorTable } from "./error-table.ts";

/** Codes of keyring. */
export interface KeyringErrorDetails {
  /** The raw keyrings' namespace and KMS's own must stay apart. */
  ERR_KEY_NAMESPACE_RESERVED: { keyNamespace: string };
  /** A multi keyring without generator was asked to make a data key. */
  ERR_GENERATOR_MISSING: Record<never, never>;
  /** The keyring can unwrap but not wrap: a discovery keyring, or a raw one without the key that wraps. */
  ERR_KEYRING_CANNOT_ENCRYPT: { keyring: string };
  ERR_KEYRING_CANNOT_DECRYPT: { keyring: string };
  /** An alias or bare key id can wrap, but cannot be compared with the ARN that an item carries. */
  ERR_KMS_KEY_NOT_ARN: { keyId: string };
  ERR_SUITE_NOT_SUPPORTED: { keyring: string; algorithmSuite: string };
  /** A keyring of the application, made by `defineKeyring`, threw or answered with something else than it should. */
  ERR_KEYRING_FAILED: { keyProviderId: string; operation: string; reason: string };
  ERR_MULTI_REGION_KEY_TWICE: { keyIds: readonly string[] };
}

export const keyringErrors: ErrorTable<KeyringErrorDetails> = {
  ERR_KEY_NAMESPACE_RESERVED: {
    meaning: ({ keyNamespace }) => `The key namespace "${keyNamespace}" is reserved for KMS keyrings.`,
    hint: "Choose a keyNamespace that does not begin with aws-kms.",
  },
  ERR_GENERATOR_MISSING: {
    meaning: "The multi keyring has no generator, so it can read but not write.",
    hint: "Name the keyring that makes new data keys as generator.",
  },
  ERR_KEYRING_CANNOT_ENCRYPT: {
    meaning: ({ keyring }) => `${keyring} cannot write: it is configured for reading only.`,
    hint: "Discovery keyrings and keyrings without their wrapping key only read. Configure the key to write under, or keep this one as a child of a multiKeyring that is used for reading.",
  },
  ERR_KEYRING_CANNOT_DECRYPT: {
    meaning: ({ keyring }) => `${keyring} cannot read: it is configured for writing only.`,
    hint: "Configure the private key where items are read.",
  },
  ERR_KMS_KEY_NOT_ARN: {
    meaning: ({ keyId }) => `"${keyId}" is not a key ARN; it can write but not read.`,
    hint: "Items carry the key's ARN, and an alias may be moved to another key meanwhile. Configure the key ARN, or read with a discovery keyring that names the account.",
  },
  ERR_SUITE_NOT_SUPPORTED: {
    meaning: ({ keyring, algorithmSuite }) => `${keyring} does not work with the ${algorithmSuite} suite.`,
    hint: 'Set "algorithmSuite": "HMAC" in the schema of tables under this keyring.',
  },
  ERR_KEYRING_FAILED: {
    meaning: ({ keyProviderId, operation, reason }) => `${operation} of the keyring "${keyProviderId}" failed: ${reason}.`,
    hint: ({ operation }) =>
      operation === "unwrapKey"
        ? "The keyring is your own: its cause, if there is one, is what it threw. It returns 32 bytes, or undefined for a key that is not its own."
        : "The keyring is your own: its cause, if there is one, is what it threw. It returns { keyProviderInfo, ciphertext }, both Uint8Array, and from generateKey the key of 32 bytes as well.",
  },
  ERR_MULTI_REGION_KEY_TWICE: {
    meaning: ({ keyIds }) => `These key ids are replicas of one multi-Region key: ${keyIds.join(", ")}.`,
    hint: "Name each multi-Region key once; the keyring finds the replica itself.",
  },
};
