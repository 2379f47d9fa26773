import type { ErrorTable } from "./error-table.ts";

/** Codes of materials and the CMM. */
export interface MaterialsErrorDetails {
  /** A function of the library was called with an argument it cannot take. */
  ERR_INVALID_ARGUMENT: { argument: string; expected: string };
  ERR_ENCRYPTION_CONTEXT_RESERVED: { key: string };
  ERR_ENCRYPTION_CONTEXT_MISMATCH: { key: string };
  ERR_REQUIRED_CONTEXT_KEY_MISSING: { key: string };
  ERR_MATERIALS_INVALID: { reason: string };
  /** No encrypted data key of the item belongs to the keyring. Keys of both sides by provider and name, at most 32 each. */
  ERR_NO_KEY_MATCHES: { keyProviderIds: readonly string[]; itemKeys: readonly string[]; keyringKeys: readonly string[] };
  /** A key was used after it had been wiped. */
  ERR_SECRET_WIPED: Record<never, never>;
  ERR_ABORTED: Record<never, never>;
}

export const materialsErrors: ErrorTable<MaterialsErrorDetails> = {
  ERR_INVALID_ARGUMENT: {
    meaning: ({ argument, expected }) => `${argument} must be ${expected}.`,
    hint: ({ argument }) => `Correct ${argument} where it is passed; the documentation of the function shows its shape.`,
  },
  ERR_ENCRYPTION_CONTEXT_RESERVED: {
    meaning: ({ key }) => `The encryption context key "${key}" is reserved.`,
    hint: "Names that begin with aws-crypto- are set by the library. Choose another name.",
  },
  ERR_ENCRYPTION_CONTEXT_MISMATCH: {
    meaning: ({ key }) => `The encryption context of the item and the one that was given disagree on "${key}".`,
    hint: "The item was written under another table name, key attribute or context. Compare the reader's configuration with the writer's.",
  },
  ERR_REQUIRED_CONTEXT_KEY_MISSING: {
    meaning: ({ key }) => `The required encryption context key "${key}" is missing.`,
    hint: "It is not stored in the item, but made from it: keys and SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT attributes give aws-crypto-attr.<name>. Check the schema, and what requiredEncryptionContextCmm asks for.",
  },
  ERR_MATERIALS_INVALID: {
    meaning: ({ reason }) => `The keyring or CMM returned invalid materials: ${reason}.`,
    hint: "A keyring of your own must set the data key once, and add one encrypted data key with its symmetric signing key for each wrapping key.",
  },
  ERR_NO_KEY_MATCHES: {
    meaning: ({ itemKeys, keyringKeys }) =>
      `None of the item's encrypted data keys (${itemKeys.join(", ")}) belongs to this keyring${keyringKeys.length === 0 ? "" : ` (${keyringKeys.join(", ")})`}.`,
    hint: "describeItem(item) shows which keys the item was written under. Configure one of them, or a multiKeyring that holds it.",
  },
  ERR_SECRET_WIPED: {
    meaning: "A key was used after it had been wiped.",
    hint: "Keys are wiped when their item is done or their time to live is over. A key store or materials manager of your own must not answer with the same key object twice: read the key anew, or give materials that are handed out again a release of their own.",
  },
  ERR_ABORTED: { meaning: "The operation was aborted by its signal.", hint: "Nothing to do, unless the abort was not yours." },
};
