import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type Keyring, releaseMaterials } from "../materials/index.ts";
import { FailedAttempts, refuseSecondDataKey } from "./attempts.ts";

export interface MultiKeyringOptions {
  /** Makes new data keys. Without it the keyring only reads, unless it is itself a child of another multi keyring. */
  readonly generator?: Keyring | undefined;
  /** Each adds an encrypted data key of its own, in this order. */
  readonly children?: readonly Keyring[] | undefined;
}

/**
 * Several keyrings as one: any of them alone can read what it wrote. It adds no encrypted data key of its own.
 *
 * Reading tries the generator, then the children; see {@link FailedAttempts} for the error when all fail.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/multi-keyring.md
 * @see framework/multi-keyring.md "Inputs", "Generator Keyring", "Child Keyrings", "OnEncrypt", "OnDecrypt"
 */
export function multiKeyring(options: MultiKeyringOptions): Keyring {
  const { generator } = options;
  const children = [...(options.children ?? [])];
  const all = generator === undefined ? children : [generator, ...children];
  if (all.length === 0) throw invalidArgument("generator or children", "at least one keyring");
  if (!all.every(isKeyring)) throw invalidArgument("generator and children", "keyrings");
  return Object.freeze<Keyring>({
    async onEncrypt(materials, call) {
      if (generator === undefined && materials.plaintextDataKey === undefined) {
        throw new DynasealError("ERR_GENERATOR_MISSING", { details: {} });
      }
      if (generator !== undefined && materials.plaintextDataKey !== undefined) {
        throw invalid("the data key was there before the generator of a multi keyring was asked");
      }
      let complete = materials;
      try {
        for (const keyring of all) {
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
      for (const keyring of all) {
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
      const tenants = await Promise.all(all.map((keyring) => keyring.tenantOf?.(context, call)));
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
