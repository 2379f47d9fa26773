import { type TablePlan, type TableSchema, tablePlan } from "../schema/index.ts";
import { protectionChanges } from "./protection-changes.ts";
import { readingBreaks } from "./reading-breaks.ts";
import { rewriteReasons } from "./rewrite-reasons.ts";
import type { Rollout, SchemaDiff } from "./schema-change.ts";

/**
 * What a new version of a schema means for the items that exist and the services that run: whether each version reads
 * what the other one writes, who has to have the new one first, and whether anything gets weaker.
 *
 * It speaks of items that carry every attribute that their writer's schema allows, under the same keyring. Keys and
 * branch keys are told as far as the schema says them.
 *
 * ```ts
 * const { compatibility, confidentiality } = diffSchemas(before, after);
 * if (confidentiality.weaker || compatibility.rollout === "none") process.exitCode = 1;
 * ```
 *
 * @param before the schema that services have now, parsed or as JSON
 * @param after the schema that is to be rolled out
 * @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_VERSION
 */
export function diffSchemas(before: TableSchema | object, after: TableSchema | object): SchemaDiff {
  const [old, next] = [planOf(before), planOf(after)];
  const oldItems = readingBreaks({ writer: old, reader: next });
  const newItems = readingBreaks({ writer: next, reader: old });
  const rollout = rolloutOf({ readsOldItems: oldItems.length === 0, readsNewItems: newItems.length === 0 });
  const { weakened, strengthened } = protectionChanges(old, next);
  return {
    tableName: next.tableName,
    compatibility: {
      readsOldItems: oldItems.length === 0,
      readsNewItems: newItems.length === 0,
      rollout,
      breaks: [
        ...oldItems.map((one) => ({ ...one, change: `Items of the old schema: ${one.change}` })),
        ...newItems.map((one) => ({ ...one, change: `Items of the new schema, read under the old one: ${one.change}` })),
      ],
      rewrites: rewriteReasons(old, next),
    },
    confidentiality: { weaker: weakened.length > 0, weakened, strengthened },
  };
}

function rolloutOf({ readsOldItems, readsNewItems }: { readonly readsOldItems: boolean; readonly readsNewItems: boolean }): Rollout {
  if (readsOldItems) return readsNewItems ? "any-order" : "readers-first";
  return readsNewItems ? "writers-first" : "none";
}

/** Nothing is read here, so that plaintext need not be acknowledged. */
function planOf(schema: TableSchema | object): TablePlan {
  return tablePlan(schema, { acknowledgePlaintext: true });
}
