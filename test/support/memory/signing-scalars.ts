import crypto, { type KeyObject } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { promisify } from "node:util";

/**
 * Of each P-384 key that this process makes after this module is loaded, the private scalar in base64url: text, and in
 * another order than OpenSSL keeps it, so that it is not itself what is looked for.
 */
export const signingScalars: string[] = [];

function noted<Pair extends { readonly privateKey: KeyObject }>(pair: Pair): Pair {
  const { crv, d } = pair.privateKey.export({ format: "jwk" });
  if (crv === "P-384" && d !== undefined) signingScalars.push(d);
  return pair;
}

const inPool = promisify(crypto.generateKeyPair) as (...given: unknown[]) => Promise<{ privateKey: KeyObject; publicKey: KeyObject }>;
const atOnce = crypto.generateKeyPairSync as (...given: unknown[]) => { privateKey: KeyObject; publicKey: KeyObject };
Object.assign(crypto, {
  generateKeyPair: Object.assign(() => undefined, { [promisify.custom]: async (...given: unknown[]) => noted(await inPool(...given)) }),
  generateKeyPairSync: (...given: unknown[]) => noted(atOnce(...given)),
});
syncBuiltinESMExports();
