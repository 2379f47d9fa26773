import { DynasealError } from "../errors/index.ts";

/** The version of this package; a test holds it to package.json. */
export const libraryVersion = "0.1.0";

/** Three whole numbers. What is built before a release may read what the release may read. */
export const versionPattern: RegExp = /^\d{1,9}\.\d{1,9}\.\d{1,9}$/;

/**
 * Refuses a schema that was made for a newer version, before anything else is said about it: properties that this
 * version does not know would be reported as mistakes.
 *
 * @throws ERR_SCHEMA_VERSION
 */
export function requireVersion(schema: unknown, file: string | undefined): void {
  if (typeof schema !== "object" || schema === null || !Object.hasOwn(schema, "minimumVersion")) return;
  const { minimumVersion, tableName } = schema as { readonly minimumVersion: unknown; readonly tableName?: unknown };
  if (typeof minimumVersion !== "string" || !versionPattern.test(minimumVersion) || !isNewer(minimumVersion)) return;
  const table = typeof tableName === "string" ? tableName : undefined;
  throw new DynasealError("ERR_SCHEMA_VERSION", { details: { file, table, minimumVersion, version: libraryVersion } });
}

function isNewer(wanted: string): boolean {
  const [a, b] = [wanted, libraryVersion].map((version) => version.split(".").map(Number));
  const at = a?.findIndex((number, index) => number !== b?.[index]) ?? -1;
  return at >= 0 && (a?.[at] ?? 0) > (b?.[at] ?? 0);
}
