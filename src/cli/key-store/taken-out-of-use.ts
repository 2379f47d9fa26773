import { DynasealError } from "../../errors/index.ts";
import type { BranchKeyDescription, DynamoDbBranchKeyStore } from "../../keystore/index.ts";

/** A branch key that is disabled or erased. */
export type TakenOutOfUse = BranchKeyDescription & { readonly stateSince: string };

/** For dry runs. @throws ERR_BRANCH_KEY_NOT_DISABLED, as the write would */
export function requireTakenOutOfUse(store: DynamoDbBranchKeyStore, description: BranchKeyDescription): TakenOutOfUse {
  const { branchKeyId, stateSince } = description;
  if (stateSince !== undefined) return { ...description, stateSince };
  throw new DynasealError("ERR_BRANCH_KEY_NOT_DISABLED", { details: { tableName: store.getKeyStoreInfo().tableName, branchKeyId } });
}

/** For dry runs. @throws ERR_BRANCH_KEY_ERASED, as the write would */
export function refuseErased(store: DynamoDbBranchKeyStore, description: BranchKeyDescription): void {
  const { branchKeyId, state, stateSince: since = "" } = description;
  if (state !== "erased") return;
  const { tableName } = store.getKeyStoreInfo();
  throw new DynasealError("ERR_BRANCH_KEY_ERASED", { details: { tableName, branchKeyId, type: "branch:ACTIVE", state, since } });
}
