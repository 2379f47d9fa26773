import type { CryptoAction, TablePlan } from "../schema/index.ts";
import type { SchemaChange } from "./schema-change.ts";

/** What items that exist do not have under the new schema, until each is written again. */
export function rewriteReasons(old: TablePlan, next: TablePlan): readonly SchemaChange[] {
  return [...beaconReasons(old, next), ...actionReasons(old, next), ...suiteReason(old, next), ...plaintextReason(old, next)];
}

function beaconReasons(old: TablePlan, next: TablePlan): readonly SchemaChange[] {
  const [before, after] = [beaconTexts(old), beaconTexts(next)];
  const changed = [...after].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const remedy = "Update the beacons of the items that exist before the first query relies on them.";
  return [
    ...changed.map((name) => ({
      subject: name,
      change: before.has(name)
        ? `The beacon "${name}" is computed in another way.`
        : `The beacon "${name}" is new: items that exist are not found by it.`,
      remedy,
    })),
    ...gone.map((name) => ({
      subject: name,
      change: `The beacon "${name}" is gone: items that exist keep it, and no query uses it.`,
      remedy: "Update the beacons of the items that exist, so that it is removed from them.",
    })),
  ];
}

/** A beacon with everything that its stored value depends on. */
function beaconTexts({ search }: TablePlan): ReadonlyMap<string, string> {
  const partitions = search?.partitions ?? 1;
  return new Map([...(search?.beacons ?? [])].map(([name, beacon]) => [name, JSON.stringify([partitions, beacon], plainly)]));
}

function plainly(_name: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value instanceof Set ? [...value] : value;
}

const strength: Readonly<Record<CryptoAction, number>> = {
  DO_NOTHING: 0,
  SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT: 1,
  SIGN_ONLY: 1,
  ENCRYPT_AND_SIGN: 2,
};

function actionReasons(old: TablePlan, next: TablePlan): readonly SchemaChange[] {
  return [...next.actions].flatMap(([name, action]) => {
    const before = old.actions.get(name) ?? old.otherAttributes;
    if (before === undefined || strength[action] <= strength[before]) return [];
    return [
      {
        subject: name,
        change: `"${name}" becomes ${action}: items that exist keep it as ${before}.`,
        remedy: "Re-encrypt the items that exist.",
      },
    ];
  });
}

function suiteReason(old: TablePlan, next: TablePlan): readonly SchemaChange[] {
  if (old.algorithmSuite.id === next.algorithmSuite.id) return [];
  const change = "Another algorithm suite: items that exist keep theirs, and are read.";
  return [{ subject: "algorithmSuite", change, remedy: "Re-encrypt the items that exist if all of them are to have the new one." }];
}

function plaintextReason(old: TablePlan, next: TablePlan): readonly SchemaChange[] {
  const [before, after] = [old.plaintextOverride, next.plaintextOverride];
  if (before !== "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" || after === before) return [];
  const change = "New items are encrypted: items that exist stay in plaintext.";
  return [{ subject: "plaintextOverride", change, remedy: "Encrypt the items that exist, then forbid reading plaintext." }];
}
