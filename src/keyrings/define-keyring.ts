import { SecretBytes } from "../bytes/index.ts";
import { type Randomness, systemRandomness } from "../crypto/index.ts";
import { DynasealError, displayName, invalidArgument } from "../errors/index.ts";
import type { EncryptedDataKey, EncryptionContext, KeyRequest, Keyring, KeyringCall } from "../materials/index.ts";
import { rawKeyName } from "./arguments.ts";
import { notOurs } from "./attempts.ts";
import { type SingleKeyRequest, type SingleKeyWrapping, singleKeyKeyring } from "./single-key-keyring.ts";

/** A wrapped key as the header of each item stores it. */
export interface WrappedKey {
  /** Which key wrapped it, in a form of your own; at most 65,535 bytes. */
  readonly keyProviderInfo: Uint8Array;
  /** What your `wrapKey` made of the key. */
  readonly ciphertext: Uint8Array;
}

/** What one call of a keyring's function is for. */
export interface WrapRequest extends KeyRequest {
  readonly encryptionContext: EncryptionContext;
  /** The encryption context, serialized; pass it as AAD if the wrapping service takes one. */
  readonly aad: Uint8Array;
}

/** A keyring of your own: what {@link defineKeyring} takes. */
export interface KeyringDefinition {
  /** Stored in each header; must not begin with "aws-kms". */
  readonly keyProviderId: string;
  /** Omit for a keyring that only decrypts. `key`: 32 bytes, zeroed when the promise settles. */
  readonly wrapKey?: ((key: Uint8Array, request: WrapRequest) => Promise<WrappedKey>) | undefined;
  /** In place of `wrapKey`, for a service that makes a key of 32 bytes and its wrapped form itself. `key` is copied. */
  readonly generateKey?: ((request: WrapRequest) => Promise<WrappedKey & { readonly key: Uint8Array }>) | undefined;
  /** Omit for one that only encrypts. `undefined`: not this keyring's key. Throw: its key, but it failed. What is returned is copied. */
  readonly unwrapKey?: ((wrapped: WrappedKey, request: WrapRequest) => Promise<Uint8Array | undefined>) | undefined;
}

const maximumLength = 0xffff;

/**
 * A keyring around a wrapping key that is somewhere else: another cloud's key service, a vault, a hardware module. All of
 * the format is done here; the functions wrap and unwrap 32 bytes.
 *
 * Its encrypted data key: provider id = `keyProviderId`; provider info = `keyProviderInfo`; ciphertext = `wrapped data key
 * (48) ‖ ciphertext`. Items under it are read by whatever library has a keyring with the same two functions.
 *
 * @example
 * ```ts
 * import { defineKeyring } from "dynaseal";
 *
 * // A service that wraps keys.
 * declare const vault: {
 *   encrypt(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
 *   decrypt(name: string, ciphertext: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
 * };
 * const keyring = defineKeyring({
 *   keyProviderId: "vault-transit",
 *   async wrapKey(key, { aad }) {
 *     return { keyProviderInfo: Buffer.from("customers"), ciphertext: await vault.encrypt("customers", key, aad) };
 *   },
 *   async unwrapKey({ keyProviderInfo, ciphertext }, { aad }) {
 *     return vault.decrypt(Buffer.from(keyProviderInfo).toString(), ciphertext, aad);
 *   },
 * });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KEY_NAMESPACE_RESERVED; when used ERR_KEYRING_FAILED, ERR_KEYRING_CANNOT_ENCRYPT,
 *   ERR_KEYRING_CANNOT_DECRYPT, ERR_NOT_AUTHENTIC, ERR_ABORTED
 * @see framework/keyring-interface.md
 */
export function defineKeyring(definition: KeyringDefinition): Keyring {
  return definedKeyring(definition, systemRandomness);
}

/** As {@link defineKeyring}, with the random bytes of the caller. */
export function definedKeyring(definition: KeyringDefinition, randomness: Randomness): Keyring {
  const { keyProviderId, wrapKey, generateKey, unwrapKey } = checkedDefinition(definition);
  const name = `The keyring "${keyProviderId}"`;
  const attempt = <Result>(operation: string, call: KeyringCall, run: () => Promise<Result>): Promise<Result> =>
    attempted({ keyProviderId, operation }, call, run);
  const failed = (operation: string, reason: string): DynasealError<"ERR_KEYRING_FAILED"> =>
    new DynasealError("ERR_KEYRING_FAILED", { details: { keyProviderId, operation, reason } });

  function wrapped(operation: string, answer: WrappedKey): { keyProviderId: string; keyProviderInfo: Uint8Array; wrapped: Uint8Array } {
    const { keyProviderInfo, ciphertext } = (answer ?? {}) as Partial<WrappedKey>;
    if (!(keyProviderInfo instanceof Uint8Array) || keyProviderInfo.length > maximumLength)
      throw failed(operation, `keyProviderInfo is not a Uint8Array of at most ${maximumLength} bytes`);
    // The wrapped data key stands in front of it.
    if (!(ciphertext instanceof Uint8Array) || ciphertext.length === 0 || ciphertext.length > maximumLength - 48)
      throw failed(operation, `ciphertext is not a Uint8Array of 1 to ${maximumLength - 48} bytes`);
    return { keyProviderId, keyProviderInfo: new Uint8Array(keyProviderInfo), wrapped: new Uint8Array(ciphertext) };
  }

  function secret(operation: string, key: unknown, length: number): SecretBytes {
    if (!(key instanceof Uint8Array) || key.length !== length) throw failed(operation, `the key is not a Uint8Array of ${length} bytes`);
    return new SecretBytes(key);
  }

  function wrapping(): SingleKeyWrapping {
    if (generateKey !== undefined)
      return {
        async generateKey(request) {
          const answer = await attempt("generateKey", request.call, () => generateKey(wrapRequest(request)));
          const parts = wrapped("generateKey", answer);
          return { ...parts, intermediateKey: secret("generateKey", answer.key, request.suite.encryptionKeyLength) };
        },
      };
    if (wrapKey === undefined) return { readsOnly: name };
    return {
      async wrapKey(key, request) {
        const plaintext = new Uint8Array(key.reveal());
        try {
          return wrapped("wrapKey", await attempt("wrapKey", request.call, () => wrapKey(plaintext, wrapRequest(request))));
        } finally {
          plaintext.fill(0);
        }
      },
    };
  }

  return singleKeyKeyring<EncryptedDataKey>({
    randomness,
    keyNames: [displayName(keyProviderId)],
    wrapping: wrapping(),
    matching: () => (encryptedDataKey) => {
      if (encryptedDataKey.keyProviderId !== keyProviderId) return false;
      if (unwrapKey === undefined) throw new DynasealError("ERR_KEYRING_CANNOT_DECRYPT", { details: { keyring: name } });
      return encryptedDataKey;
    },
    async unwrapKey(ciphertext, { keyProviderInfo }, request) {
      // Copies: what comes from the item is compared and authenticated elsewhere.
      const stored = { keyProviderInfo: new Uint8Array(keyProviderInfo), ciphertext: new Uint8Array(ciphertext) };
      const key = await attempt("unwrapKey", request.call, async () => unwrapKey?.(stored, wrapRequest(request)));
      return key === undefined ? notOurs : secret("unwrapKey", key, request.suite.encryptionKeyLength);
    },
  });
}

function checkedDefinition(definition: KeyringDefinition): KeyringDefinition {
  const { keyProviderId, wrapKey, generateKey, unwrapKey } = definition;
  rawKeyName({ keyNamespace: keyProviderId, keyName: "-" }, "keyProviderId");
  for (const [argument, value] of Object.entries({ wrapKey, generateKey, unwrapKey })) {
    if (value !== undefined && typeof value !== "function") throw invalidArgument(argument, "a function");
  }
  if (wrapKey !== undefined && generateKey !== undefined) throw invalidArgument("generateKey", "absent where wrapKey is given");
  if (wrapKey === undefined && generateKey === undefined && unwrapKey === undefined)
    throw invalidArgument("wrapKey or unwrapKey", "a function");
  return definition;
}

function wrapRequest({ encryptionContext, aad, call }: SingleKeyRequest): WrapRequest {
  return { region: call.region, signal: call.signal, encryptionContext, aad: new Uint8Array(aad) };
}

/** @throws ERR_ABORTED, ERR_KEYRING_FAILED */
async function attempted<Result>(
  details: { readonly keyProviderId: string; readonly operation: string },
  { signal }: KeyringCall,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (signal?.aborted) throw new DynasealError("ERR_ABORTED", { details: {}, cause });
    throw new DynasealError("ERR_KEYRING_FAILED", { details: { ...details, reason: "it threw" }, cause });
  }
}
