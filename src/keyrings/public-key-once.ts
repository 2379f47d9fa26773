import { ownError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";

/** Gives the public key of a KMS key: the one that was configured, or one that is fetched once and kept. */
export function publicKeyOnce<Key>(
  configured: Key | undefined,
  fetch: (call: KeyringCall) => Promise<Key>,
): (call: KeyringCall) => Key | Promise<Key> {
  let fetched: Promise<Key> | undefined;
  return (call) => {
    if (configured !== undefined) return configured;
    if (fetched === undefined) {
      // Not bound to this one caller's abort, since others wait for the same answer. A failure is not kept.
      fetched = fetch({ ...call, signal: undefined });
      fetched.catch(() => {
        fetched = undefined;
      });
    }
    return fetched.catch((error: unknown) => {
      throw ownError(error);
    });
  };
}
