import type { BranchKeyIdSupplier } from "./branch-key-id-supplier.ts";
import type { EncryptionContext } from "./encryption-context.ts";
import type { EventListener } from "./event.ts";
import type { DecryptionMaterials, EncryptedDataKey, EncryptionMaterials } from "./materials.ts";

/** What one call gives its keyring beside the materials. */
export interface KeyringCall {
  /** The wrapped client's Region; undefined where no client is involved (`itemEncryptor`). */
  readonly region?: string | undefined;
  /** The caller's abort. */
  readonly signal?: AbortSignal | undefined;
  /** Bounds concurrent KMS calls of one request (`kmsConcurrency`); every KMS call of a keyring runs inside. */
  readonly limit?: (<Result>(task: () => Promise<Result>) => Promise<Result>) | undefined;
  /** Receives the events that `onEvent` of the client hands to the application. */
  readonly onEvent?: EventListener | undefined;
  /**
   * For a key store: how long this call waits for a version that another Region made, instead of the store's own
   * `replicationWaitSeconds`. Caches pass 0 and wait outside of their limits.
   */
  readonly replicationWaitSeconds?: number | undefined;
  /** Takes what is to be done once the whole request is done: the end of leases that outlast one item. */
  readonly whenDone?: ((release: () => void) => void) | undefined;
  /** What the table's schema says about branch keys; for a hierarchical keyring that was made without an answer of its own. */
  readonly branchKeyIdSupplier?: BranchKeyIdSupplier | undefined;
}

/**
 * Wraps and unwraps data keys. To bring a keyring of your own, see `defineKeyring`.
 *
 * @see framework/keyring-interface.md
 * @see framework/keyring-interface.md "Overview", "OnEncrypt", "Generate Data Key", "Encrypt Data Key", "OnDecrypt"
 * @see framework/keyring-interface.md "Security Considerations"
 */
export interface Keyring {
  /** The keys that it reads with, as errors show them; absent where it does not tell. */
  readonly keyNames?: readonly string[] | undefined;
  /**
   * Sets the plaintext data key if it is not set yet, and adds encrypted data keys with their symmetric signing keys;
   * returns new materials.
   */
  onEncrypt(materials: EncryptionMaterials, call: KeyringCall): Promise<EncryptionMaterials>;
  /**
   * Returns materials with the plaintext data key and symmetric signing key of the first encrypted data key that this
   * keyring can unwrap; returns the materials unchanged where none is this keyring's; throws where one is, but fails.
   */
  onDecrypt(
    materials: DecryptionMaterials,
    encryptedDataKeys: readonly EncryptedDataKey[],
    call: KeyringCall,
  ): Promise<DecryptionMaterials>;
  /**
   * Whose an item is, by its encryption context: items with different answers never share anything that the CMM keeps for
   * several items, such as a reused signing key. Absent, or answering `undefined`: the keyring cannot say.
   */
  tenantOf?(context: EncryptionContext, call: KeyringCall): string | undefined | Promise<string | undefined>;
}
