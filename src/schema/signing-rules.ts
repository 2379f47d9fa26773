import { anyOf, quote, type Report } from "./problems.ts";
import { keyActionOf, keyNames, namedAction, type Rule, type TableDraft } from "./table-draft.ts";

/**
 * What is signed, and by which names it is known before an item is decrypted.
 *
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Attribute Actions"
 */
export const signingRules: readonly Rule[] = [
  keysDiffer,
  keyActions,
  listedAreUnsigned,
  prefixedAreUnsigned,
  branchKeyIsReadable,
  revisionIsSigned,
  ownSuiteIsAccepted,
];

function keysDiffer({ partitionKey, sortKey }: TableDraft, report: Report): void {
  if (sortKey !== undefined && sortKey === partitionKey) {
    report(["sortKey"], "is the partition key", "name the sort key, or leave it out where the table has none");
  }
}

function keyActions(draft: TableDraft, report: Report): void {
  const expected = keyActionOf(draft);
  for (const name of keyNames(draft)) {
    const action = namedAction(draft, name);
    if (action === undefined || action === expected) continue;
    const why = expected === "SIGN_ONLY" ? "is a key" : `is a key, and another attribute is ${expected}`;
    report(["attributes", name], `is ${action}, but ${why}`, `write ${quote(expected)}, or leave the key out`);
  }
}

/** @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Unauthenticated Attributes" */
function listedAreUnsigned(draft: TableDraft, report: Report): void {
  draft.unsignedAttributes?.forEach((name, index) => {
    if (name === undefined) return;
    const path = ["unsignedAttributes", index];
    const action = namedAction(draft, name);
    if (keyNames(draft).includes(name)) report(path, `names the key ${quote(name)}, and keys are signed`, "leave it out");
    else if (action !== undefined && action !== "DO_NOTHING") {
      report(path, `names ${quote(name)}, which is ${action}`, `leave it out, or make the attribute "DO_NOTHING"`);
    }
  });
}

/** @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Unauthenticated Attribute Prefix" */
function prefixedAreUnsigned(draft: TableDraft, report: Report): void {
  const prefix = draft.unsignedAttributePrefix;
  if (prefix === undefined) return;
  const path = ["unsignedAttributePrefix"];
  const remedy = "choose another prefix, or rename the attribute";
  const keys = keyNames(draft);
  for (const name of keys) {
    if (name.startsWith(prefix)) report(path, `is how the key ${quote(name)} begins, and keys are signed`, remedy);
  }
  for (const name of draft.attributes?.keys() ?? []) {
    const action = namedAction(draft, name);
    if (action === undefined || action === "DO_NOTHING" || keys.includes(name) || !name.startsWith(prefix)) continue;
    report(path, `is how ${quote(name)} begins, which is ${action}`, remedy);
  }
}

/** Before an item is decrypted only its encryption context is known. */
function branchKeyIsReadable(draft: TableDraft, report: Report): void {
  const from = draft.branchKey?.from;
  if (from === undefined || draft.partitionKey === undefined || draft.attributes === undefined) return;
  if (keyNames(draft).includes(from)) return;
  const broken = draft.attributes.has(from) && draft.attributes.get(from) === undefined;
  const action = namedAction(draft, from);
  if (broken || action === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") return;
  const found = action === undefined ? "which the schema does not name" : `which is ${action}`;
  const remedy = `make it "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", or name a key (${anyOf(keyNames(draft))})`;
  report(["branchKey", "from"], `names ${quote(from)}, ${found} and so is not known when an item is read`, remedy);
}

function revisionIsSigned(draft: TableDraft, report: Report): void {
  const name = draft.revision;
  if (name === undefined || draft.attributes === undefined) return;
  if (keyNames(draft).includes(name)) {
    report(["revision"], `names the key ${quote(name)}, which never changes`, "name a number of its own");
    return;
  }
  const broken = draft.attributes.has(name) && draft.attributes.get(name) === undefined;
  const action = namedAction(draft, name);
  if (broken || action === "SIGN_ONLY") return;
  const found = action === undefined ? "which the schema does not name" : `which is ${action}`;
  report(["revision"], `names ${quote(name)}, ${found}`, `add ${quote(name)}: "SIGN_ONLY" to attributes`);
}

/** What is written has to be readable. */
function ownSuiteIsAccepted({ algorithmSuite = "ECDSA", acceptAlgorithmSuites: accepted }: TableDraft, report: Report): void {
  if (accepted === undefined || accepted.length === 0 || accepted.includes(undefined)) return;
  const path = ["acceptAlgorithmSuites"];
  if (!accepted.includes(algorithmSuite)) {
    report(path, `lacks ${quote(algorithmSuite)}, under which items are written`, `add ${quote(algorithmSuite)}`);
  } else if (new Set(accepted).size < accepted.length) {
    report(path, "names a suite twice", `write [${quote(algorithmSuite)}]`);
  }
}
