import { createSecretKey, type KeyObject } from "node:crypto";
import type { SecretBytes } from "../bytes/index.ts";

/**
 * The OpenSSL key of secret bytes, made once: raw bytes cost 15 to 20 µs a call on Node 24, a KeyObject 4 to 6.
 * The secret keeps it, not a WeakMap, whose entries for thousands of short-lived keys cost the collector dearly.
 */
export function keyObject(secret: SecretBytes): KeyObject {
  return secret.memo(createSecretKey);
}
