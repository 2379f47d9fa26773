import { requireWithin } from "../errors/index.ts";
import type { SignedAction } from "./field.ts";

/**
 * One byte a signed attribute, in the order of canonical paths.
 *
 * @see specification/structured-encryption/header.md "Encrypt Legend Bytes"
 */
const letters: Readonly<Record<SignedAction, number>> = {
  ENCRYPT_AND_SIGN: 0x65, // e
  SIGN_ONLY: 0x73, // s
  SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT: 0x63, // c
};

const actions: ReadonlyMap<number, SignedAction> = new Map(
  (Object.entries(letters) as [SignedAction, number][]).map(([action, letter]) => [letter, action]),
);

const maximumLength = 0xffff;

/** @throws ERR_LIMIT_EXCEEDED over 65,535 signed attributes */
export function serializeLegend(signed: readonly SignedAction[]): Uint8Array {
  requireWithin("the number of signed attributes", signed.length, maximumLength);
  return Uint8Array.from(signed, (action) => letters[action]);
}

/**
 * The actions of a legend; `undefined` where a byte is none of e, s, c.
 *
 * @see specification/structured-encryption/header.md "Encrypt Legend"
 */
export function parseLegend(bytes: Uint8Array): readonly SignedAction[] | undefined {
  const parsed: SignedAction[] = [];
  for (const byte of bytes) {
    const action = actions.get(byte);
    if (action === undefined) return undefined;
    parsed.push(action);
  }
  return parsed;
}
