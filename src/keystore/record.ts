import { type AttributeMap, type AttributeValue, attributeMap } from "../attributes/index.ts";
import { displayName } from "../errors/index.ts";
import { type EncryptionContext, encryptionContextOf } from "../materials/index.ts";
import { isReplication } from "../schema/index.ts";
import { comparableTime } from "./create-time.ts";

export const activeType = "branch:ACTIVE";
export const beaconType = "beacon:ACTIVE";
const versionPrefix = "branch:version:";
const customPrefix = "aws-crypto-ec:";
/** Version 2 of the hierarchy wraps keys in another way. */
const hierarchyVersion = "1";
const laterHierarchyVersion = /^(?:[2-9]|[1-9]\d{1,8})$/;
/** KMS's own limit of a ciphertext. */
const maximumCiphertextLength = 6144;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** One row after its checks; nothing of it is authenticated before KMS has unwrapped `ciphertext` under `context`. */
export interface BranchKeyRecord {
  readonly branchKeyId: string;
  /** `branch:ACTIVE`, `beacon:ACTIVE`, or `branch:version:` and a UUID. */
  readonly type: string;
  /** A UUID; `undefined` for a beacon key. */
  readonly version: string | undefined;
  readonly kmsArn: string;
  readonly createTime: string;
  readonly ciphertext: Uint8Array;
  /** KMS's encryption context: every attribute but `enc`, and `tablename`. */
  readonly context: EncryptionContext;
}

/** Sort key of a version's row. */
export function versionType(version: string): string {
  return versionPrefix + version;
}

export function isBranchKeyVersion(text: string): boolean {
  return uuidPattern.test(text);
}

/**
 * Reads a row. Attributes: `branch-key-id` S, `type` S, `enc` B, `kms-arn` S, `create-time` S, `hierarchy-version` N,
 * `version` S exactly where `type` is `branch:ACTIVE`, and any further ones, S.
 *
 * @param failures how a row is reported that is not a record, and one of a later version of the hierarchy
 * @see framework/branch-key-store.md "Record Format", "Encryption Context"
 * @see framework/branch-key-store.md "Custom Encryption Context"
 */
export function parseRecord(
  row: AttributeMap,
  expected: { readonly branchKeyId: string; readonly type: string; readonly logicalKeyStoreName: string },
  failures: { readonly malformed: (field: string) => Error; readonly unsupported: (hierarchyVersion: string) => Error },
): BranchKeyRecord {
  const { malformed, unsupported } = failures;
  // Before anything else: what the rest of such a row has to look like only a later release knows.
  const stored = Object.hasOwn(row, "hierarchy-version") ? row["hierarchy-version"]?.N : undefined;
  if (stored !== undefined && laterHierarchyVersion.test(stored)) throw unsupported(stored);
  if (Object.hasOwn(row, "tablename")) throw malformed("it holds tablename, which only the encryption context does");
  const context = Object.create(null) as Record<string, string>;
  let ciphertext: Uint8Array | undefined;
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== "object" || value === null) throw malformed(`${displayName(name)} is not an attribute value`);
    // They differ from Region to Region and are no part of the record.
    if (isReplication(name, value)) continue;
    if (name === "enc") ciphertext = value.B instanceof Uint8Array ? value.B : undefined;
    else context[name] = required(name === "hierarchy-version" ? value.N : value.S, name);
  }
  function required(text: string | undefined, name: string): string {
    if (typeof text !== "string") throw malformed(`${displayName(name)} is missing or of another type`);
    return text;
  }
  const field = (name: string): string => required(context[name], name);
  if (ciphertext === undefined || ciphertext.length === 0 || ciphertext.length > maximumCiphertextLength) {
    throw malformed("enc is missing or has an impossible length");
  }
  if (field("branch-key-id") !== expected.branchKeyId) throw malformed("branch-key-id is another");
  const type = field("type");
  if (type !== expected.type) throw malformed("type is another");
  if (field("hierarchy-version") !== hierarchyVersion) throw malformed("hierarchy-version is not 1");
  if (comparableTime(field("create-time")) === undefined) throw malformed("create-time is not a UTC time");
  if (Object.hasOwn(context, "version") !== (type === activeType)) throw malformed("version belongs to branch:ACTIVE, and there only");
  const named = type === activeType ? field("version") : type === beaconType ? undefined : type;
  const version = named?.startsWith(versionPrefix) ? named.slice(versionPrefix.length) : undefined;
  if (named !== undefined && (version === undefined || !isBranchKeyVersion(version))) throw malformed("version is not a UUID");
  context.tablename = expected.logicalKeyStoreName;
  return Object.freeze({
    branchKeyId: expected.branchKeyId,
    type,
    version,
    kmsArn: field("kms-arn"),
    createTime: field("create-time"),
    ciphertext: new Uint8Array(ciphertext),
    context: encryptionContextOf(context),
  });
}

/** The inverse of {@link parseRecord}. */
export function serializeRecord(context: EncryptionContext, ciphertext: Uint8Array): AttributeMap {
  const row: Record<string, AttributeValue> = attributeMap();
  for (const [name, value] of Object.entries(context)) {
    if (name === "tablename") continue;
    row[name] = name === "hierarchy-version" ? { N: value } : { S: value };
  }
  row.enc = { B: ciphertext };
  return row;
}

/** Context of the row of a new version. @see framework/branch-key-store.md "DECRYPT_ONLY Encryption Context" */
export function versionContext(input: {
  readonly branchKeyId: string;
  readonly version: string;
  readonly createTime: string;
  readonly logicalKeyStoreName: string;
  readonly kmsArn: string;
  readonly encryptionContext: EncryptionContext;
}): EncryptionContext {
  const custom = Object.entries(input.encryptionContext).map(([key, value]) => [customPrefix + key, value] as const);
  return encryptionContextOf(Object.fromEntries(custom), {
    "branch-key-id": input.branchKeyId,
    type: versionType(input.version),
    "create-time": input.createTime,
    tablename: input.logicalKeyStoreName,
    "kms-arn": input.kmsArn,
    "hierarchy-version": hierarchyVersion,
  });
}

/** Context of the ACTIVE row that copies a version. @see framework/branch-key-store.md "ACTIVE Encryption Context" */
export function activeContextOf(version: EncryptionContext): EncryptionContext {
  return encryptionContextOf(version, { type: activeType, version: version.type ?? "" });
}

/** Context of the beacon key made together with a version. @see framework/branch-key-store.md "Beacon Key Encryption Context" */
export function beaconContextOf(version: EncryptionContext): EncryptionContext {
  return encryptionContextOf(version, { type: beaconType });
}

/** Context of the version that follows on an ACTIVE row; whatever else the row holds, the creator's `kms-arn` included, stays. */
export function nextVersionContext(active: EncryptionContext, version: string, createTime: string): EncryptionContext {
  const { version: _, ...kept } = active;
  return encryptionContextOf(kept, { type: versionType(version), "create-time": createTime });
}

/** The key's own context, without the prefix. @see framework/branch-key-store.md "Custom Encryption Context From Authenticated Encryption Context" */
export function customContextOf(context: EncryptionContext): EncryptionContext {
  const custom = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(context)) {
    if (key.startsWith(customPrefix)) custom[key.slice(customPrefix.length)] = value;
  }
  return Object.freeze(custom);
}
