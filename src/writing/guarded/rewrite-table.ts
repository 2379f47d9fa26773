import type { AttributeMap } from "../../attributes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import { keyAttributes } from "../../item/index.ts";
import type { CryptoAction, TablePlan } from "../../schema/index.ts";
import type { ProtectedTable } from "../../tables/index.ts";
import { writesPlaintext } from "../native-update.ts";
import type { ReadItem } from "./read-item.ts";

/**
 * The table as one item of it is written again. Services with different versions of a schema share tables during every
 * rollout: what the item's legend says counts, so that rewriting never weakens. An attribute that the schema does not
 * name keeps its action; one in the encryption context stays there. Where the schema still writes plaintext, an item that is
 * encrypted stays so, as a service that is one step ahead writes it.
 *
 * @param next the item as it is to be
 * @throws ERR_WOULD_EXPOSE where the schema names an attribute with less than the item has
 */
export function rewriteTable(table: ProtectedTable, read: Pick<ReadItem, "actions">, next: AttributeMap): ProtectedTable {
  if (read.actions === undefined) return table;
  const plan = encryptingPlan(table.plan);
  const actions = new Map<string, CryptoAction>(plan.actions);
  for (const [attribute, stored] of read.actions) {
    if (!Object.hasOwn(next, attribute)) continue;
    const planned = plan.actions.get(attribute) ?? stored;
    if (isWeaker(planned, stored)) {
      throw new DynasealError("ERR_WOULD_EXPOSE", { details: { tableName: plan.tableName, attribute, stored, planned } });
    }
    actions.set(attribute, planned === "SIGN_ONLY" ? stored : planned);
  }
  const rewriting = withContext({ ...plan, actions });
  return { ...table, plan: rewriting, cryptography: { ...table.cryptography, plan: rewriting } };
}

function encryptingPlan(plan: TablePlan): TablePlan {
  return writesPlaintext(plan) ? { ...plan, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } : plan;
}

function isWeaker(planned: CryptoAction, stored: CryptoAction): boolean {
  return planned === "DO_NOTHING" || (stored === "ENCRYPT_AND_SIGN" && planned !== "ENCRYPT_AND_SIGN");
}

/** With any attribute in the encryption context the format is 2, and the keys are in it too. */
function withContext(plan: TablePlan): TablePlan {
  const actions = new Map(plan.actions);
  if (![...actions.values()].includes("SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT")) return plan;
  for (const key of keyAttributes(plan)) actions.set(key, "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT");
  return { ...plan, actions, formatVersion: 2 };
}
