import type { SecretBytes } from "../bytes/index.ts";
import { type AlgorithmSuite, type Randomness, randomKey } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import {
  type EncryptedDataKey,
  type EncryptionContext,
  type Keyring,
  type KeyringCall,
  unwrapDataKey,
  type WrappedIntermediateKey,
  wrapDataKey,
} from "../materials/index.ts";
import { notOurs, unwrapFirst } from "./attempts.ts";
import type { UnwrapLimit } from "./decrypt-call-limit.ts";

/** What wrapping or unwrapping one key of one item has at hand. */
export interface SingleKeyRequest {
  readonly encryptionContext: EncryptionContext;
  /** The encryption context, serialized. */
  readonly aad: Uint8Array;
  readonly suite: AlgorithmSuite;
  readonly call: KeyringCall;
}

type MaybePromise<Value> = Value | Promise<Value>;

/** How a keyring makes an intermediate key and its wrapped form: it wraps one that it is given, or gets both from a service. */
export type SingleKeyWrapping =
  | { readonly wrapKey: (key: SecretBytes, request: SingleKeyRequest) => MaybePromise<Omit<WrappedIntermediateKey, "intermediateKey">> }
  | { readonly generateKey: (request: SingleKeyRequest) => MaybePromise<WrappedIntermediateKey> }
  /** The keyring only reads; what it is called in the error. */
  | { readonly readsOnly: string };

/** What tells one keyring around one wrapping key from another. */
export interface SingleKey<Match> {
  readonly randomness: Randomness;
  /** As errors show them, see `keyNameOf`. */
  readonly keyNames: readonly string[];
  readonly wrapping: SingleKeyWrapping;
  /**
   * Says, for one item, which encrypted data keys are this keyring's: false where one is not, otherwise what `unwrapKey`
   * needs to know of it.
   */
  readonly matching: (
    encryptedDataKeys: readonly EncryptedDataKey[],
    call: KeyringCall,
  ) => MaybePromise<(encryptedDataKey: EncryptedDataKey) => Match | false>;
  /**
   * @param wrapped what stands behind the wrapped data key
   * @returns `undefined` where it does not authenticate; `"not ours"` where only this could show that it is another's
   */
  readonly unwrapKey: (
    wrapped: Uint8Array,
    match: Match,
    request: SingleKeyRequest,
  ) => MaybePromise<SecretBytes | undefined | typeof notOurs>;
  readonly limit?: UnwrapLimit;
  /** Refuses a suite that the wrapping key cannot serve. */
  readonly checkSuite?: (suite: AlgorithmSuite) => void;
}

/**
 * Every keyring around one wrapping key, ours and the application's: all of the format is here, and the keyring itself is
 * left with its wrapping key.
 *
 * Whatever becomes of them, keys that were made here and wrapped are wiped.
 *
 * @see framework/keyring-interface.md "OnEncrypt", "OnDecrypt"
 */
export function singleKeyKeyring<Match>({
  randomness,
  keyNames,
  wrapping,
  matching,
  unwrapKey,
  limit,
  checkSuite,
}: SingleKey<Match>): Keyring {
  return Object.freeze<Keyring>({
    keyNames: Object.freeze([...keyNames]),
    async onEncrypt(materials, call) {
      const { algorithmSuite: suite, encryptionContext } = materials;
      checkSuite?.(suite);
      if ("readsOnly" in wrapping) throw new DynasealError("ERR_KEYRING_CANNOT_ENCRYPT", { details: { keyring: wrapping.readsOnly } });
      return wrapDataKey(materials, randomness, async (aad) => {
        const request = { encryptionContext, aad, suite, call };
        if ("generateKey" in wrapping) return wrapping.generateKey(request);
        const intermediateKey = randomKey(randomness, suite.encryptionKeyLength);
        try {
          return { ...(await wrapping.wrapKey(intermediateKey, request)), intermediateKey };
        } catch (error) {
          intermediateKey.wipe();
          throw error;
        }
      });
    },
    async onDecrypt(materials, encryptedDataKeys, call) {
      const { algorithmSuite: suite, encryptionContext } = materials;
      checkSuite?.(suite);
      const match = await matching(encryptedDataKeys, call);
      return unwrapFirst(
        materials,
        encryptedDataKeys,
        match,
        async (encryptedDataKey, matched) => {
          let isOurs = true;
          const unwrapped = await unwrapDataKey(materials, encryptedDataKey, async (wrapped, aad) => {
            const key = await unwrapKey(wrapped, matched, { encryptionContext, aad, suite, call });
            if (key !== notOurs) return key;
            isOurs = false;
            return undefined;
          });
          return isOurs ? unwrapped : notOurs;
        },
        limit,
      );
    },
  });
}
