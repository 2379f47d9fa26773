import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type Keyring, releaseMaterials } from "../materials/index.ts";
import { FailedAttempts, refuseSecondDataKey } from "./attempts.ts";

export interface MultiKeyringOptions {
  /** Makes new data keys. Without it the keyring only reads, unless it is itself a child of another multi keyring. */
  readonly generator?: Keyring | undefined;
  /** Each adds an encrypted data key of its own, in this order. */
  readonly children?: readonly Keyring[] | undefined;
  /**
   * Read what they wrote, and add nothing to what is written: the keys that were used before. So new items name the new
   * keys only, and the old ones are no longer needed once the items under them are gone or written again.
   */
  readonly decryptOnly?: readonly Keyring[] | undefined;
}

/**
 * Several keyrings as one: any of them alone can read what it wrote. It adds no encrypted data key of its own.
 *
 * Reading tries the generator, then the children, then `decryptOnly`. If all fail, the first error that is not
 * ERR_NOT_AUTHENTIC is thrown, since an outage tells more; its `cause` is an AggregateError with all of them.
 *
 * @example
 * ```ts
 * import { awsKmsMrkKeyring, multiKeyring } from "dynaseal";
 *
 * declare const newKey: string;
 * declare const oldKey: string;
 * // Changing keys: what is written names the new key, what is read may name either.
 * multiKeyring({ generator: awsKmsMrkKeyring({ keyId: newKey }), decryptOnly: [awsKmsMrkKeyring({ keyId: oldKey })] });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/multi-keyring.md
 * @see framework/multi-keyring.md "Inputs", "Generator Keyring", "Child Keyrings", "OnEncrypt", "OnDecrypt"
 */
export function multiKeyring(options: MultiKeyringOptions): Keyring {
  const { generator } = options;
  const children = [...(options.children ?? [])];
  const writing = generator === undefined ? children : [generator, ...children];
  const reading = [...writing, ...(options.decryptOnly ?? [])];
  if (reading.length === 0) throw invalidArgument("generator, children or decryptOnly", "at least one keyring");
  if (!reading.every(isKeyring)) throw invalidArgument("generator, children and decryptOnly", "keyrings");
  return Object.freeze<Keyring>({
    keyNames: Object.freeze(reading.flatMap(({ keyNames = [] }) => keyNames)),
    async onEncrypt(materials, call) {
      if (generator === undefined && materials.plaintextDataKey === undefined) {
        throw new DynasealError("ERR_GENERATOR_MISSING", { details: {} });
      }
      if (generator !== undefined && materials.plaintextDataKey !== undefined) {
        throw invalid("the data key was there before the generator of a multi keyring was asked");
      }
      let complete = materials;
      try {
        for (const keyring of writing) {
          const before = complete;
          complete = await keyring.onEncrypt(before, call);
          if (complete.plaintextDataKey === undefined) throw invalid("no data key was set");
          if (before.plaintextDataKey !== undefined && complete.plaintextDataKey !== before.plaintextDataKey) {
            throw invalid("a child of a multi keyring replaced the data key");
          }
        }
      } catch (error) {
        // Nobody above sees what the children before the failing one made.
        releaseMaterials(complete);
        throw error;
      }
      return complete;
    },
    async onDecrypt(materials, encryptedDataKeys, call) {
      refuseSecondDataKey(materials);
      const failed = new FailedAttempts();
      for (const keyring of reading) {
        try {
          const complete = await keyring.onDecrypt(materials, encryptedDataKeys, call);
          if (complete.plaintextDataKey !== undefined) return complete;
        } catch (error) {
          failed.add(error);
        }
      }
      failed.throwIfAny();
      return materials;
    },
    async tenantOf(context, call) {
      const tenants = await Promise.all(writing.map((keyring) => keyring.tenantOf?.(context, call)));
      return tenants.every((tenant) => tenant === undefined) ? undefined : JSON.stringify(tenants);
    },
  });
}

function isKeyring(value: unknown): boolean {
  const keyring = value as Partial<Keyring> | null | undefined;
  return typeof keyring?.onEncrypt === "function" && typeof keyring.onDecrypt === "function";
}

function invalid(reason: string): DynasealError {
  return new DynasealError("ERR_MATERIALS_INVALID", { details: { reason } });
}
