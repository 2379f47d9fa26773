import { generateSigningKey, type SigningKey } from "../crypto/index.ts";
import { invalidArgument, requireWhole } from "../errors/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type EncryptionContext, itemContextKeys } from "./encryption-context.ts";
import { ExpiringEntries } from "./expiring-entries.ts";
import type { Keyring, KeyringCall } from "./keyring.ts";

/** How far a signing key of the ECDSA suite may serve. */
export interface SigningKeyReuse {
  /** Items that one key signs, 1 to 100; default 100. */
  readonly maximumItems?: number | undefined;
  /** How long one key signs, up to 60; default 60. */
  readonly maximumSeconds?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Gives the signing key of an item. */
export type SigningKeySource = (keyring: Keyring, context: EncryptionContext, call: KeyringCall) => Promise<SigningKey>;

const limits = { items: 100, seconds: 60 } as const;
/** Tables and tenants that have a key at the same time. */
const maximumKeys = 1000;

interface Entry {
  readonly key: Promise<SigningKey>;
  readonly createdAt: number;
  itemsLeft: number;
}

/** What every item has unless reuse is asked for: a key of its own. */
export const freshSigningKey: SigningKeySource = () => generateSigningKey();

/**
 * One signing key for several items of the same table, branch key and tenant.
 *
 * A keyring that cannot say whose an item is, under a schema that has tenants, gets a new key for each item.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function reusedSigningKeys(reuse: SigningKeyReuse): SigningKeySource {
  const { maximumItems = limits.items, maximumSeconds = limits.seconds, clock = systemClock } = reuse;
  requireWhole("signingKeyReuse.maximumItems", maximumItems, 1, limits.items);
  if (!(maximumSeconds > 0 && maximumSeconds <= limits.seconds))
    throw invalidArgument("signingKeyReuse.maximumSeconds", `a number above 0, and at most ${limits.seconds}`);
  // The key is an OpenSSL handle: dropped here, it is cleared when the collector runs.
  const keys = new ExpiringEntries<Entry>({ capacity: maximumKeys, clock, dropped: () => undefined });
  return async (keyring, context, call) => {
    const tenant = await keyring.tenantOf?.(context, call);
    if (tenant === undefined && call.branchKeyIdSupplier !== undefined) return generateSigningKey();
    const scope = JSON.stringify([context[itemContextKeys.tableName], tenant]);
    const now = clock.now();
    const found = keys.get(scope, now);
    // A clock that was set back must not lengthen a life.
    if (found !== undefined && now >= found.createdAt) {
      found.itemsLeft--;
      if (found.itemsLeft === 0) keys.delete(scope);
      return found.key;
    }
    const key = generateSigningKey();
    if (maximumItems > 1) keys.set(scope, { key, createdAt: now, itemsLeft: maximumItems - 1 }, now + 1000 * maximumSeconds);
    // A failure is not kept.
    key.catch(() => keys.delete(scope));
    return key;
  };
}
