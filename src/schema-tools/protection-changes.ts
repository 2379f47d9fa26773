import { compareUtf16 } from "../bytes/index.ts";
import { type CryptoAction, isSigned, type PlaintextOverride, type TablePlan } from "../schema/index.ts";
import type { SchemaChange } from "./schema-change.ts";

/** What is less protected than before, and what is more. */
export interface ProtectionChanges {
  readonly weakened: readonly SchemaChange[];
  readonly strengthened: readonly SchemaChange[];
}

/** A change with its direction: negative where protection is lost. */
interface Weighed {
  readonly weight: number;
  readonly change: SchemaChange;
}

/** How much an action hides: the encryption context is seen by KMS and its logs, too. Refusing to write hides most. */
const protection: Readonly<Record<CryptoAction | "refused", number>> = {
  DO_NOTHING: 0,
  SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT: 1,
  SIGN_ONLY: 2,
  ENCRYPT_AND_SIGN: 3,
  refused: 4,
};

/** Compares two versions of a schema by what they protect. */
export function protectionChanges(old: TablePlan, next: TablePlan): ProtectionChanges {
  const all = [...actionChanges(old, next), ...ruleChanges(old, next), ...beaconChanges(old, next)];
  return {
    weakened: all.filter(({ weight }) => weight < 0).map(({ change }) => change),
    strengthened: all.filter(({ weight }) => weight > 0).map(({ change }) => change),
  };
}

function actionChanges(old: TablePlan, next: TablePlan): readonly Weighed[] {
  const names = new Set([...old.actions.keys(), ...next.actions.keys(), ...old.unsignedAttributes, ...next.unsignedAttributes]);
  return [...names].flatMap((name) => {
    const [before, after] = [protectionOf(old, name), protectionOf(next, name)];
    // A new attribute was refused before: nothing of it exists that could lose protection.
    if (before === after || before === "refused") return [];
    const remedy = protection[after] < protection[before] ? "Keep the stronger action, or take a new attribute for readable values." : "";
    return [
      { weight: protection[after] - protection[before], change: { subject: name, change: `"${name}": ${before} → ${after}.`, remedy } },
    ];
  });
}

function protectionOf(plan: TablePlan, name: string): CryptoAction | "refused" {
  const named = plan.actions.get(name);
  if (named !== undefined) return named;
  return isSigned(plan, name) ? (plan.otherAttributes ?? "refused") : "DO_NOTHING";
}

function ruleChanges(old: TablePlan, next: TablePlan): readonly Weighed[] {
  const others = [old, next].map(({ otherAttributes }) => otherAttributes ?? "refused") as [
    keyof typeof protection,
    keyof typeof protection,
  ];
  const suites = [old, next].map(({ algorithmSuite }) => algorithmSuite.name);
  const plain = [old.plaintextOverride, next.plaintextOverride] as const;
  const accepted = [old, next].map(
    ({ acceptedSuites }) =>
      acceptedSuites &&
      [...acceptedSuites]
        .map(({ name }) => name)
        .sort(compareUtf16)
        .join(" and "),
  );
  const prefix = [old, next].map(({ unsignedAttributePrefix }) => unsignedAttributePrefix);
  const changes: Weighed[] = [];
  if (others[0] !== others[1]) {
    const remedy = "Name new attributes in the schema instead.";
    changes.push(weighed("otherAttributes", others, protection[others[1]] - protection[others[0]], remedy));
  }
  if (suites[0] !== suites[1]) {
    const remedy = "With HMAC whoever may read an item can also forge it; keep ECDSA where readers are not trusted to write.";
    changes.push(weighed("algorithmSuite", suites, suites[1] === "ECDSA" ? 1 : -1, remedy));
  }
  if (plain[0] !== plain[1]) {
    const remedy = "Reading plaintext takes what nobody authenticated; keep it for the time of a migration.";
    changes.push(weighed("plaintextOverride", plain, plaintextRank[plain[1]] - plaintextRank[plain[0]], remedy));
  }
  if (accepted[0] !== accepted[1]) {
    const wasOnlyEcdsa = accepted[0] === "ECDSA";
    const remedy = "Whoever may decrypt can write an item under HMAC; accept it only while such items are left.";
    if (wasOnlyEcdsa || accepted[1] === "ECDSA") changes.push(weighed("acceptAlgorithmSuites", accepted, wasOnlyEcdsa ? -1 : 1, remedy));
  }
  if (prefix[0] !== prefix[1]) {
    const remedy = "Attributes under the prefix are neither encrypted nor signed.";
    const widened = prefix[1] !== undefined && (prefix[0] === undefined || !prefix[1].startsWith(prefix[0]));
    changes.push(weighed("unsignedAttributePrefix", prefix, widened ? -1 : 1, remedy));
  }
  return changes;
}

const plaintextRank: Readonly<Record<PlaintextOverride, number>> = {
  FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ: 0,
  FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ: 1,
  FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ: 2,
};

/** Each beacon tells which items have the same value. */
function beaconChanges(old: TablePlan, next: TablePlan): readonly Weighed[] {
  const [before, after] = [lengthsOf(old), lengthsOf(next)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const lengths = [before.get(name) ?? 0, after.get(name) ?? 0] as const;
    if (lengths[0] === lengths[1]) return [];
    const text = lengths.map((length) => (length === 0 ? "no beacon" : `a beacon of ${length} bits`));
    const remedy =
      lengths[1] > lengths[0] ? "A beacon tells which items have equal values; a shorter one tells less. See docs/search.md." : "";
    return [weighed(name, text, lengths[0] - lengths[1], remedy)];
  });
}

function lengthsOf({ search }: TablePlan): ReadonlyMap<string, number> {
  return new Map(
    [...(search?.beacons ?? [])].flatMap(([name, beacon]) => (beacon.kind === "standard" ? [[name, beacon.length] as const] : [])),
  );
}

function weighed(subject: string, [before, after]: readonly (string | undefined)[], weight: number, remedy: string): Weighed {
  return { weight, change: { subject, change: `${subject}: ${before ?? "none"} → ${after ?? "none"}.`, remedy: weight < 0 ? remedy : "" } };
}
