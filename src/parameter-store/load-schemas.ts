import type { SSMClient } from "@aws-sdk/client-ssm";
import { invalidArgument } from "../errors/index.ts";
import { getParameter, getParameters, unavailable } from "./get-parameters.ts";
import { checkPath, digestOfText, isDigest, manifestName, parseManifest, partName } from "./layout.ts";
import { parseSchemaList, requireOneEach, type TableSchema } from "./schema-list.ts";

/** Which schemas, and where they are. */
export interface LoadFromParameterStoreOptions {
  /** The hierarchy that `schema push` wrote to, such as `/customers/prod/schemas`. */
  readonly path: string;
  /** The version of the manifest parameter, as `schema push` printed it; a text of digits is taken too, for environment variables. */
  readonly version: number | string;
  /** SHA-256 of the manifest in hexadecimal, as `schema push` printed it. It comes with the deployment, never from Parameter Store. */
  readonly sha256: string;
  readonly client: SSMClient;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The schemas of a deployment, from AWS Systems Manager Parameter Store. Call it once, when the service starts.
 *
 * Version and digest pin every byte: who may write parameters can keep a service from starting, and cannot change what it
 * encrypts. The manifest `PATH/manifest:VERSION` must have the digest, each part `PATH/parts/<digest>` its own. Two calls of SSM for
 * schemas of up to ten parts (4 KB each, 8 KB in the advanced tier), one more for each ten; `String` and `SecureString` alike. It needs
 * `ssm:GetParameter` and `ssm:GetParameters` on `PATH/*`, and `kms:Decrypt` for secure strings.
 *
 * @example
 * ```ts
 * import { SSMClient } from "@aws-sdk/client-ssm";
 * import { loadSchemasFromParameterStore } from "dynaseal/parameter-store";
 *
 * const schemas = await loadSchemasFromParameterStore({
 *   path: "/customers/prod/schemas",
 *   version: process.env["SCHEMA_VERSION"] ?? "",
 *   sha256: process.env["SCHEMA_SHA256"] ?? "",
 *   client: new SSMClient({}),
 * });
 * console.log(schemas.map(({ tableName }) => tableName));
 * ```
 *
 * @throws ERR_SCHEMA_UNAVAILABLE where anything is missing, denied, throttled after the client's own retries, out of reach, or not what
 *   version and digest say; never a part of the schemas, and never older ones
 * @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_VERSION, ERR_SCHEMA_DUPLICATE_TABLE, ERR_INVALID_ARGUMENT, ERR_ABORTED
 */
export async function loadSchemasFromParameterStore(options: LoadFromParameterStoreOptions): Promise<TableSchema[]> {
  const { path, version, sha256, client, signal } = options;
  checkPath(path);
  if (!/^[1-9]\d{0,15}$/.test(String(version))) throw invalidArgument("version", "the version of the manifest, a whole number from 1 on");
  if (!isDigest(sha256)) throw invalidArgument("sha256", "64 hexadecimal digits in lower case, as schema push prints them");
  const versioned = `${manifestName(path)}:${version}`;
  const { Value: text } = await getParameter(client, versioned, signal);
  if (digestOfText(text) !== sha256) throw unavailable(versioned, "different");
  const manifest = parseManifest(text);
  if (manifest === undefined) throw unavailable(versioned, "malformed");
  const names = manifest.parts.map((part) => partName(path, part));
  const values = await getParameters(client, [...new Set(names)], signal);
  const parts = manifest.parts.map((part, index) => {
    const name = names[index] ?? "";
    const value = values.get(name);
    if (value === undefined) throw unavailable(name, "missing");
    if (digestOfText(value) !== part) throw unavailable(name, "different");
    return value;
  });
  const schemas = parseSchemaList(parts.join(""), versioned);
  if (schemas === undefined) throw unavailable(versioned, "malformed");
  requireOneEach(schemas, versioned);
  return schemas;
}
