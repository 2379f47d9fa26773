import { type AttributeMap, type AttributeValue, serializeAttributeValue, type Terminal } from "../attributes/index.ts";
import type { Randomness } from "../crypto/index.ts";
import { DynasealError, isDynasealError } from "../errors/index.ts";
import { type Clock, type CryptographicMaterialsManager, ServedKeys, systemClock } from "../materials/index.ts";
import { branchKeyIdSupplierOf, type TablePlan } from "../schema/index.ts";
import { CanonicalPaths } from "../structure/index.ts";
import type { ItemHeader } from "./item-header.ts";

/** What encrypting and decrypting the items of one table takes. */
export interface ItemCryptography {
  readonly plan: TablePlan;
  readonly cmm: CryptographicMaterialsManager;
  readonly randomness: Randomness;
  /** Paths are the same for every item of a table, so they are made once. */
  readonly paths: CanonicalPaths;
  /** Which keys served items of the table lately. */
  readonly served: ServedKeys;
}

export function itemCryptography({
  clock = systemClock,
  ...parts
}: Omit<ItemCryptography, "paths" | "served"> & { readonly clock?: Clock }): ItemCryptography {
  return Object.freeze({
    ...parts,
    cmm: withBranchKeyOf(parts.plan, parts.cmm),
    paths: new CanonicalPaths(parts.plan.tableName),
    served: new ServedKeys(clock),
  });
}

/** Tells every call what the schema says about branch keys. */
function withBranchKeyOf({ branchKey }: TablePlan, cmm: CryptographicMaterialsManager): CryptographicMaterialsManager {
  if (branchKey === undefined) return cmm;
  const branchKeyIdSupplier = branchKeyIdSupplierOf(branchKey);
  return Object.freeze<CryptographicMaterialsManager>({
    getEncryptionMaterials: (request, call) => cmm.getEncryptionMaterials(request, { ...call, branchKeyIdSupplier }),
    decryptMaterials: (request, call) => cmm.decryptMaterials(request, { ...call, branchKeyIdSupplier }),
  });
}

export interface ItemResult {
  /** A new map without prototype. */
  readonly item: AttributeMap;
  /** Undefined where `plaintextOverride` let a plaintext item pass. */
  readonly header: ItemHeader | undefined;
}

/** Names with this prefix belong to the format: header, footer, beacons. */
export const reservedPrefix = "aws_dbe_";

/** @throws ERR_KEY_MISSING */
export function requireKeys(plan: TablePlan, item: AttributeMap): void {
  for (const attribute of keyAttributes(plan)) {
    if (!Object.hasOwn(item, attribute) || item[attribute] === undefined) {
      throw new DynasealError("ERR_KEY_MISSING", { details: { tableName: plan.tableName, attribute } });
    }
  }
}

export function keyAttributes(plan: TablePlan): readonly string[] {
  return plan.sortKey === undefined ? [plan.partitionKey] : [plan.partitionKey, plan.sortKey];
}

/** The terminal of a named attribute; errors name it. */
export function terminalOf(attribute: string, value: AttributeValue): Terminal {
  try {
    return serializeAttributeValue(value);
  } catch (error) {
    if (isDynasealError(error, "ERR_ATTRIBUTE_NOT_SERIALIZABLE")) throw named("ERR_ATTRIBUTE_NOT_SERIALIZABLE", error, attribute);
    if (isDynasealError(error, "ERR_NUMBER_INVALID")) throw named("ERR_NUMBER_INVALID", error, attribute);
    throw error;
  }
}

function named<Code extends "ERR_ATTRIBUTE_NOT_SERIALIZABLE" | "ERR_NUMBER_INVALID">(
  code: Code,
  error: DynasealError<Code>,
  attribute: string,
): DynasealError<Code> {
  return new DynasealError(code, { details: { ...error.details, attribute } });
}
