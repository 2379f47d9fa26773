import type { Update as UpdateInput } from "@aws-sdk/client-dynamodb";
import { type AttributeMap, attributeMap } from "../../attributes/index.ts";
import { applyUpdate, type ParsedExpressions, referencedAttributes, type Update, writtenAttributes } from "../../expressions/index.ts";
import { keyAttributes, reservedPrefix } from "../../item/index.ts";
import { actionOf, isSigned } from "../../schema/index.ts";
import type { SignedAction } from "../../structure/index.ts";
import { footerOf, type OperationCall, type ProtectedTable, plainForm, revised, toStored } from "../../tables/index.ts";
import { writesPlaintext } from "../native-update.ts";
import { requireDisclosable } from "./disclosure.ts";
import { divideCondition } from "./divide-condition.ts";
import { divideUpdate } from "./divide-update.ts";
import type { Changes, GuardedWrite, PreparedWrite, SentIn, Takeover, WriteAction } from "./guarded-write.ts";
import type { ReadItem } from "./read-item.ts";
import { rewriteTable } from "./rewrite-table.ts";
import { signedPart, withChanges } from "./takeover.ts";
import { plainUpdateAction, updateAction } from "./update-action.ts";

/** What an UpdateItem without an expression does: nothing but create the item. */
export const emptyUpdate: Update = { kind: "update", set: [], remove: [], add: [], delete: [] };

/**
 * An update that the service cannot do alone. What is signed is applied here, encrypted anew and set as a whole; the
 * unsigned part travels as it is, so that counters in unsigned attributes are never overwritten.
 */
export function guardedUpdate(
  table: ProtectedTable,
  input: Pick<UpdateInput, "TableName" | "Key">,
  { condition, update: given = emptyUpdate }: ParsedExpressions,
): GuardedWrite {
  const { TableName, Key = {} } = input;
  const divided = divideCondition(table.plan, condition);
  const named = new Set([...referencedAttributes(given), ...(condition === undefined ? [] : referencedAttributes(condition))]);
  return {
    table,
    tableName: TableName,
    key: Key,
    condition,
    async prepare(read, call, sentIn) {
      const update = read.item === undefined ? withoutInnerRemoves(given) : given;
      const old = read.item ?? Key;
      const applied = revised(table, withoutOldBeacons(table, update, applyUpdate(update, old).item), read.item, call);
      const rewriting = rewriteTable(table, read, applied);
      const { plan } = rewriting;
      const staysPlain = writesPlaintext(plan);
      const { disclose } = call.options;
      const disclosures = staysPlain ? [] : requireDisclosable({ plan, update, legend: read.actions, disclose });
      const item = plainForm(rewriting, applied);
      const stored = await toStored(rewriting, item, call);
      const unsigned = divideUpdate(plan, update, old);
      const decided = { pinned: new Set([...divided.pinned, ...unsigned.pinned]), named };
      const parts = { plan, target: { TableName, Key }, read, stored, decided, divided };
      if (staysPlain && read.row !== undefined) {
        return { action: plainUpdateAction({ ...parts, update, old }), item, footer: undefined };
      }
      const { action, breadth } = updateAction({ ...parts, unsigned: unsigned.native, sentIn });
      const prepared = { action, item, footer: footerOf(stored), disclosures };
      if (read.row === undefined || read.actions !== undefined) return prepared;
      const step = {
        before: signedPart(plan, read.row),
        holdsRow: breadth !== "named",
        rowAfter: (row: AttributeMap) => rowAfter(action, rewriting, applyUpdate(update, row).item, stored),
      };
      return { ...prepared, takeover: takeover({ table, update, target: { TableName, Key } }, { ...step, item, stored }) };
    },
  };
}

/** On an item that is not there, the service has nothing to remove inside of attributes, and says nothing of it. */
function withoutInnerRemoves(update: Update): Update {
  return { ...update, remove: update.remove.filter(({ elements }) => elements.length === 1) };
}

/** Signed beacons are made anew from what they are made of, unless the application sets them itself; those in the key stay. */
function withoutOldBeacons({ plan }: ProtectedTable, update: Update, item: AttributeMap): AttributeMap {
  const written = writtenAttributes(update);
  const beacons = plan.search?.beacons;
  if (beacons === undefined) return item;
  const kept = new Set([...written, ...keyAttributes(plan)]);
  const isMade = (name: string): boolean => {
    const beacon = beacons.get(name);
    return beacon?.kind === "compound" && !beacon.encrypted;
  };
  return attributeMap(Object.entries(item).filter(([name]) => kept.has(name) || !isMade(name)));
}

/**
 * What stands in the table after a write: a Put leaves nothing of the row, an update the unsigned attributes, and the
 * signed ones that it does not know of.
 *
 * @param row as it was before, with what the write makes of its unsigned attributes
 */
function rowAfter({ kind }: WriteAction, { plan }: ProtectedTable, row: AttributeMap, stored: AttributeMap): AttributeMap {
  const isUnsigned = (name: string): boolean => !isSigned(plan, name) && !name.startsWith(reservedPrefix);
  const extra = kind === "Update" ? signedPart(plan, row) : {};
  return attributeMap([
    ...Object.entries(row).filter(([name]) => isUnsigned(name)),
    ...Object.entries(extra),
    ...Object.entries(stored).filter(([name]) => !isUnsigned(name)),
  ]);
}

interface TakenTable {
  readonly table: ProtectedTable;
  readonly update: Update;
  readonly target: Pick<UpdateInput, "TableName" | "Key">;
}

interface TakenItem extends Pick<Takeover, "before" | "holdsRow" | "rowAfter"> {
  readonly item: AttributeMap;
  readonly stored: AttributeMap;
}

function takeover(taken: TakenTable, { item, stored, ...step }: TakenItem): Takeover {
  const after = signedPart(taken.table.plan, stored);
  return {
    ...step,
    after,
    again: (changes, row, call) => takenIn(taken, { item, row, changes }, call),
  };
}

/** What nobody planned for is encrypted: the item can be read again, and nothing of it is readable to more than before. */
async function takenIn(
  taken: TakenTable,
  parts: { readonly item: AttributeMap; readonly row: AttributeMap; readonly changes: Changes },
  call: OperationCall,
): Promise<PreparedWrite> {
  const { table, update, target } = taken;
  const { row, changes } = parts;
  const changed = withoutOldBeacons(table, update, withChanges(parts.item, changes));
  const names = Object.keys(changed).filter((name) => actionOf(table.plan, name) === undefined);
  const actions = new Map<string, SignedAction>(names.map((name) => [name, "ENCRYPT_AND_SIGN"]));
  const read: ReadItem = { row, item: changed, actions };
  const rewriting = rewriteTable(table, read, changed);
  const item = plainForm(rewriting, changed);
  const stored = await toStored(rewriting, item, call);
  const decided = { pinned: new Set<string>(), named: new Set<string>() };
  const divided = { native: [], nativeNames: new Set<string>(), pinned: new Set<string>() };
  const sentIn: SentIn = "request";
  const { plan } = rewriting;
  const { action } = updateAction({ plan, target, read, stored, decided, divided, unsigned: emptyUpdate, sentIn });
  const next = takeover(taken, {
    ...{ item, stored, holdsRow: false },
    before: signedPart(plan, row),
    rowAfter: (before) => rowAfter(action, rewriting, before, stored),
  });
  return { action, item, footer: footerOf(stored), takeover: next };
}
