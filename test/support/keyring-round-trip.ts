import { expect } from "vitest";
import { type AlgorithmSuite, hmacSuite } from "../../src/crypto/index.ts";
import {
  type CompleteDecryptionMaterials,
  type CompleteEncryptionMaterials,
  defaultCmm,
  type EncryptedDataKey,
  type EncryptionContext,
  encryptionContextOf,
  type Keyring,
  type KeyringCall,
} from "../../src/materials/index.ts";

export const testContext: EncryptionContext = encryptionContextOf({ "aws-crypto-table-name": "customers", "aws-crypto-attr.id": "42" });

export function encryptWith(
  keyring: Keyring,
  call: KeyringCall = {},
  algorithmSuite: AlgorithmSuite = hmacSuite,
): Promise<CompleteEncryptionMaterials> {
  return defaultCmm(keyring).getEncryptionMaterials(
    { algorithmSuite, encryptionContext: testContext, requiredEncryptionContextKeys: [] },
    call,
  );
}

export function decryptWith(
  keyring: Keyring,
  written: Pick<CompleteEncryptionMaterials, "algorithmSuite" | "encryptionContext" | "encryptedDataKeys">,
  call: KeyringCall = {},
): Promise<CompleteDecryptionMaterials> {
  const { algorithmSuite, encryptionContext, encryptedDataKeys } = written;
  return defaultCmm(keyring).decryptMaterials(
    { algorithmSuite, encryptionContext, reproducedEncryptionContext: encryptionContextOf(), encryptedDataKeys },
    call,
  );
}

/** Writes with one keyring and reads with the other; both must get the same data key and signing key. */
export async function expectRoundTrip(
  writer: Keyring,
  reader: Keyring = writer,
  options: { readonly call?: KeyringCall; readonly readerCall?: KeyringCall; readonly suite?: AlgorithmSuite } = {},
): Promise<CompleteEncryptionMaterials> {
  const written = await encryptWith(writer, options.call, options.suite);
  const read = await decryptWith(reader, written, options.readerCall ?? options.call);
  expect(read.plaintextDataKey.reveal()).toEqual(written.plaintextDataKey.reveal());
  expect(written.symmetricSigningKeys.map((key) => Buffer.from(key.reveal()).toString("hex"))).toContain(
    Buffer.from(read.symmetricSigningKey.reveal()).toString("hex"),
  );
  return written;
}

/** The only encrypted data key of what was written. */
export function onlyKey(written: { readonly encryptedDataKeys: readonly EncryptedDataKey[] }): EncryptedDataKey {
  expect(written.encryptedDataKeys).toHaveLength(1);
  return written.encryptedDataKeys[0] as EncryptedDataKey;
}

/** Materials whose only encrypted data key is another. */
export function withKey(written: CompleteEncryptionMaterials, change: Partial<EncryptedDataKey>): CompleteEncryptionMaterials {
  return { ...written, encryptedDataKeys: [{ ...onlyKey(written), ...change }] };
}

/** A copy with one bit of one byte turned; a negative index counts from the end. */
export function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice();
  const at = index < 0 ? copy.length + index : index;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
