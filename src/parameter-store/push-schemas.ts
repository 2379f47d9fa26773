import { PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { compareUtf16, utf8 } from "../bytes/index.ts";
import { invalidArgument, isDynasealError } from "../errors/index.ts";
import { parseSchema, type TableSchema } from "../schema/index.ts";
import { asked, getParameter, getParameters } from "./get-parameters.ts";
import { checkPath, cut, digestOfText, manifestName, maximumParts, partName, serializeManifest, tierBytes } from "./layout.ts";
import { requireOneEach, serializeSchemaList } from "./schema-list.ts";

/** What is written, and where to. */
export interface PushToParameterStoreOptions {
  /** A hierarchy that holds nothing else, such as `/customers/prod/schemas`. */
  readonly path: string;
  /** As `loadSchemas` gives them. */
  readonly schemas: readonly (TableSchema | object)[];
  readonly client: SSMClient;
  /** 4 KB in a parameter, or 8 KB at a price; default `"Standard"`. */
  readonly tier?: "Standard" | "Advanced" | undefined;
  /** Default `"String"`: schemas say what is secret, and hold no secret. */
  readonly type?: "String" | "SecureString" | undefined;
  /** The KMS key of secure strings; without it SSM takes `alias/aws/ssm`. */
  readonly keyId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Says what would be written, and writes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What a deployment is given. */
export interface PushedSchemas {
  /** Of the manifest parameter; `undefined` in a dry run that would make a new one. */
  readonly version: number | undefined;
  /** Of the manifest, in hexadecimal. */
  readonly sha256: string;
  /** Parts that the schemas are cut into, and those that had to be written. */
  readonly parts: number;
  readonly written: number;
}

/**
 * Writes schemas to Parameter Store: first the parts, each under the digest of its content, last the manifest that names them. A reader
 * of the version before finds its own parts untouched, and a push that is cut off has changed nothing that anybody reads. Pushing the
 * same schemas again writes nothing and gives the same version.
 *
 * @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_DUPLICATE_TABLE, ERR_SCHEMA_UNAVAILABLE where SSM refuses, ERR_INVALID_ARGUMENT, ERR_ABORTED
 *   or where the schemas need more parts than a manifest of the tier can name
 */
export async function pushSchemasToParameterStore(options: PushToParameterStoreOptions): Promise<PushedSchemas> {
  const { path, client, tier = "Standard", signal } = options;
  checkPath(path);
  if (!Object.hasOwn(tierBytes, tier)) throw invalidArgument("tier", '"Standard" or "Advanced"');
  const limit = tierBytes[tier];
  const parts = cut(serializeSchemaList(sorted(options.schemas)), limit);
  const digests = parts.map(digestOfText);
  const manifest = serializeManifest({ parts: digests });
  if (parts.length > maximumParts || utf8(manifest).length > limit) {
    throw invalidArgument("schemas", `small enough for one manifest: ${parts.length} parts of ${limit} bytes do not fit (${tier} tier)`);
  }
  const sha256 = digestOfText(manifest);
  const contents = new Map(digests.map((part, index) => [partName(path, part), parts[index] ?? ""]));
  const there = await getParameters(client, [...contents.keys()], signal);
  const missing = [...contents].filter(([name, content]) => there.get(name) !== content);
  const current = missing.length > 0 ? undefined : await currentVersion(options, manifest);
  const written = missing.length;
  if (current !== undefined || options.dryRun === true) return { version: current, sha256, parts: parts.length, written };
  for (const [name, content] of missing) await put(options, name, content);
  return { version: await put(options, manifestName(path), manifest), sha256, parts: parts.length, written };
}

function sorted(input: readonly (TableSchema | object)[]): readonly TableSchema[] {
  const schemas = input.map((schema) => parseSchema(schema));
  if (schemas.length === 0) throw invalidArgument("schemas", "one schema at least");
  requireOneEach(schemas);
  return schemas.toSorted((one, other) => compareUtf16(one.tableName, other.tableName));
}

/** The newest version of the manifest, if it is this one. */
async function currentVersion({ path, client, signal }: PushToParameterStoreOptions, manifest: string): Promise<number | undefined> {
  try {
    const { Value, Version } = await getParameter(client, manifestName(path), signal);
    return Value === manifest ? Version : undefined;
  } catch (error) {
    if (isDynasealError(error, "ERR_SCHEMA_UNAVAILABLE") && error.details.reason === "missing") return undefined;
    throw error;
  }
}

async function put(options: PushToParameterStoreOptions, Name: string, Value: string): Promise<number | undefined> {
  const { client, tier = "Standard", type = "String", keyId, signal } = options;
  const command = new PutParameterCommand({
    Name,
    Value,
    Type: type,
    Tier: tier,
    Overwrite: true,
    ...(type === "SecureString" && keyId !== undefined && { KeyId: keyId }),
  });
  const { Version } = await asked(Name, (sendOptions) => client.send(command, sendOptions), signal);
  return Version;
}
