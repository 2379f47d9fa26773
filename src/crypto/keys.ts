import { createSecretKey, type KeyObject } from "node:crypto";
import type { SecretBytes } from "../bytes/index.ts";

/** Raw bytes cost 15 to 20 µs a call on Node 24, a KeyObject 4 to 6: a key that serves twice is converted once. */
const keyObjects: WeakMap<SecretBytes, KeyObject> = new WeakMap();

/** The OpenSSL key of secret bytes. */
export function keyObject(secret: SecretBytes): KeyObject {
  let key = keyObjects.get(secret);
  if (key === undefined) {
    key = createSecretKey(secret.reveal());
    keyObjects.set(secret, key);
  }
  return key;
}
