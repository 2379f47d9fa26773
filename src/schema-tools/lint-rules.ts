import { keyAttributes } from "../item/index.ts";
import type { LintContext } from "./lint-finding.ts";

type Rule = (context: LintContext) => void;

/** Rules of one schema by itself. */
export const schemaLintRules: readonly Rule[] = [personalDataReadable, beaconLengths, suitesNotRestricted, noEnvironment];

/** Words of names that mostly hold personal or payment data. */
const personal = new Set(
  (
    "email mail phone mobile telephone name firstname lastname surname fullname birthday birthdate dob dateofbirth ssn passport license " +
    "address street zip postcode iban bic account cardnumber pan cvv cvc tax taxid nationalid gender religion health diagnosis ip ipaddress"
  ).split(" "),
);

/** Keys and the encryption context are readable to whoever may read the table, or the logs of KMS. */
function personalDataReadable({ plan, report }: LintContext): void {
  const keys = keyAttributes(plan);
  for (const [name, action] of plan.actions) {
    if (action === "ENCRYPT_AND_SIGN" || !looksPersonal(name)) continue;
    if (keys.includes(name)) {
      const remedy =
        "Take a random identifier as the key, and keep this value in an encrypted attribute, with a beacon if it is looked for.";
      report("personal-data-readable", name, "is a key, and keys are never encrypted", remedy);
    } else if (action === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") {
      report("personal-data-readable", name, "is in the encryption context, which CloudTrail logs with each KMS call", "Encrypt it.");
    } else {
      report(
        "personal-data-readable",
        name,
        `is ${action}, and so readable in the table`,
        "Encrypt it, or rename it if it is not personal.",
      );
    }
  }
}

/** `customerEmail`, `customer_email` and `EMAIL` hold the word `email`. */
function looksPersonal(name: string): boolean {
  const words = name
    .slice(0, 255)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  // An identifier of something is not the thing.
  if (words.at(-1) === "id" && words.length > 1 && !personal.has(words.slice(-2).join(""))) return false;
  return words.some((_word, index) => [1, 2, 3].some((count) => personal.has(words.slice(index, index + count).join(""))));
}

/** From here on nearly every value of a large table has a beacon of its own. */
const longBeacon = 32;

function beaconLengths({ plan, schema, report }: LintContext): void {
  for (const [name, beacon] of plan.search?.beacons ?? []) {
    if (beacon.kind !== "standard") continue;
    if (beacon.length >= longBeacon) {
      const remedy = "Ask dynaseal schema beacon-length how long it should be for the number of distinct values.";
      report(
        "beacon-too-long",
        name,
        `keeps ${beacon.length} bits, so that equal values of most tables are told apart from all others`,
        remedy,
      );
    }
  }
  for (const [name, input] of Object.entries(schema.attributes)) {
    if (typeof input === "string" || input.beacon === undefined || !(input.type === "boolean" || tiny.test(name))) continue;
    const remedy = "Leave the beacon out and filter after decryption, or search for it inside a compound beacon.";
    report("beacon-too-short-domain", name, "has so few values that their frequency tells which is which", remedy);
  }
}

const tiny = /^(?:is|has)[A-Z_]|^(?:gender|sex|status|state|flag|enabled|active|deleted|country|language|currency|type|kind|tier)$/i;

function suitesNotRestricted({ plan, report }: LintContext): void {
  if (plan.algorithmSuite.name !== "ECDSA" || plan.acceptedSuites !== undefined) return;
  const problem = "are not restricted: whoever may decrypt can write an item under HMAC, which is read as if a writer had signed it";
  report("suites-not-restricted", "acceptAlgorithmSuites", problem, 'Write "acceptAlgorithmSuites": ["ECDSA"] once no HMAC item is left.');
}

function noEnvironment({ plan, report }: LintContext): void {
  if (/(?:^|[-_.])(?:prod|production|live|stag|staging|stage|test|dev|development|qa|uat|sandbox|local)(?:$|[-_.\d])/i.test(plan.tableName))
    return;
  const problem = "names no environment: under one KMS key, staging and production would take each other's items for their own";
  report(
    "no-environment",
    "tableName",
    problem,
    'Put the environment into the name of a new table ("customers-prod"), or use one KMS key for each environment.',
  );
}
