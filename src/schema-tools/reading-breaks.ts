import { actionOf, isSigned, type TablePlan } from "../schema/index.ts";
import type { SchemaChange } from "./schema-change.ts";

/** Two versions of a schema: who wrote, and who reads. */
interface Versions {
  readonly writer: TablePlan;
  readonly reader: TablePlan;
}

/**
 * Why an item that one version writes might not be read under the other. The legend in each item says what is encrypted
 * and what is only signed, so that both may change; whether an attribute is signed at all, the schema alone says.
 *
 * @see specification/dynamodb-encryption-client/decrypt-item.md "Signature Scope"
 */
export function readingBreaks(versions: Versions): readonly SchemaChange[] {
  return [
    ...identityBreaks(versions),
    ...signatureBreaks(versions),
    ...suiteBreaks(versions),
    ...branchKeyBreaks(versions),
    ...plaintextBreaks(versions),
  ];
}

function identityBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  const properties = ["tableName", "partitionKey", "sortKey"] as const;
  return properties
    .filter((property) => writer[property] !== reader[property])
    .map((property) => ({
      subject: property,
      change: `${property} is bound into every item, and differs.`,
      remedy:
        property === "tableName"
          ? "Keep the logical name; tableNames maps it to another table."
          : "Make a new table and write the items there.",
    }));
}

function signatureBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  if (writesPlain(writer)) return [];
  const names = new Set([...writer.actions.keys(), ...writer.unsignedAttributes, ...reader.actions.keys(), ...reader.unsignedAttributes]);
  const breaks = [...names]
    .filter((name) => mayWrite(writer, name) && isSigned(writer, name) !== isSigned(reader, name))
    .map((name) => ({
      subject: name,
      change: isSigned(writer, name) ? `"${name}" is signed, but read as unsigned.` : `"${name}" is unsigned, but read as signed.`,
      remedy: "Keep it as it is, or take a new attribute and move the values there.",
    }));
  return [...breaks, ...prefixBreaks({ writer, reader })];
}

/** Names that neither schema lists. */
function prefixBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  const prefixes = [writer.unsignedAttributePrefix, reader.unsignedAttributePrefix].filter((prefix) => prefix !== undefined);
  return prefixes
    .map((prefix) => longEnough(prefix, [writer, reader]))
    .filter((name) => mayWrite(writer, name) && isSigned(writer, name) !== isSigned(reader, name))
    .map(() => ({
      subject: "unsignedAttributePrefix",
      change: "attributes that begin with unsignedAttributePrefix are signed in one version and unsigned in the other.",
      remedy: "Keep the prefix.",
    }))
    .slice(0, 1);
}

/** A name with the prefix that no schema lists. */
function longEnough(prefix: string, plans: readonly TablePlan[]): string {
  let name = `${prefix}x`;
  while (plans.some(({ actions, unsignedAttributes }) => actions.has(name) || unsignedAttributes.has(name))) name += "x";
  return name;
}

/** A further unsigned attribute is written by other clients than this one, so that an item may have it. */
function mayWrite(plan: TablePlan, name: string): boolean {
  return plan.unsignedAttributes.has(name) || actionOf(plan, name) !== undefined;
}

function suiteBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  if (writesPlain(writer) || reader.acceptedSuites === undefined || reader.acceptedSuites.has(writer.algorithmSuite)) return [];
  const { name } = writer.algorithmSuite;
  const change = `they are under ${name}, which acceptAlgorithmSuites does not name.`;
  return [{ subject: "acceptAlgorithmSuites", change, remedy: `Add "${name}" until every item is re-encrypted.` }];
}

function branchKeyBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  if (writer.branchKey === undefined || reader.branchKey === undefined) return [];
  const same = writer.branchKey.from === reader.branchKey.from && mapText(writer.branchKey.map) === mapText(reader.branchKey.map);
  if (same) return [];
  const change = "branchKey names another branch key for the same item.";
  return [{ subject: "branchKey", change, remedy: "Add entries to the map; never change where an item's branch key comes from." }];
}

/** Further entries are for tenants that the writer did not know. */
function mapText(map: ReadonlyMap<string, string> | undefined): string {
  return map === undefined ? "" : JSON.stringify([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plaintextBreaks({ writer, reader }: Versions): readonly SchemaChange[] {
  if (!writesPlain(writer) || reader.plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ") return [];
  const change = "they are in plaintext, and reading plaintext is forbidden.";
  return [
    {
      subject: "plaintextOverride",
      change,
      remedy: 'First "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" everywhere, then encrypt the items that exist.',
    },
  ];
}

function writesPlain({ plaintextOverride }: TablePlan): boolean {
  return plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
}
