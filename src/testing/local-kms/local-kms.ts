import { randomUUID } from "node:crypto";
import { DynasealError, invalidArgument } from "../../errors/index.ts";
import { eventOf, type LocalKmsEvent } from "./events.ts";
import { createFaultGate, type LocalKmsFaults } from "./faults.ts";
import { isPrimary, type LocalKey } from "./key-family.ts";
import { isKeyId } from "./key-reference.ts";
import { KeyRegistry } from "./key-registry.ts";
import { generateMaterial, importMaterial, type KeyUsage, keySpecByName, keySpecNames, type LocalKmsKeySpec } from "./key-spec.ts";
import { KmsException, refuse } from "./kms-exception.ts";
import { type AnswerKmsRequest, startKmsHttpFront } from "./kms-http-front.ts";
import { kmsOperations } from "./operations.ts";
import { RequestFields } from "./request-fields.ts";

export interface LocalKmsOptions {
  /** The Regions that the server plays, such as `["us-east-1", "eu-west-1"]`. */
  readonly regions: readonly string[];
  /** Milliseconds since 1970; lets a test pass a waiting period or a rotation. Default: `Date.now`. */
  readonly now?: () => number;
}

export interface LocalKmsKey {
  /** `arn:aws:kms:<region>:000000000000:key/<key id>` */
  readonly arn: string;
  /** `mrk-…` or a UUID. */
  readonly keyId: string;
  readonly region: string;
  readonly multiRegion: boolean;
}

export interface CreateLocalKmsKey {
  readonly region: string;
  /** Default false, as in KMS. */
  readonly multiRegion?: boolean;
  /** `mrk-` with 32 hex digits, or a UUID. Default: random. */
  readonly keyId?: string;
  /** Default `SYMMETRIC_DEFAULT`. */
  readonly keySpec?: LocalKmsKeySpec;
  /** Default ENCRYPT_DECRYPT for symmetric and RSA keys, KEY_AGREEMENT for ECC keys. */
  readonly keyUsage?: KeyUsage;
  /** 32 bytes, or PKCS#8 (DER bytes or PEM text) for RSA and ECC. Default: random. The same material and key id make the same key again. */
  readonly keyMaterial?: Uint8Array | string;
  readonly description?: string;
}

export interface ReplicateLocalKmsKey {
  /** Id or ARN of a multi-Region primary key. */
  readonly keyId: string;
  readonly replicaRegion: string;
  /** Where the primary is; the id tells it, too. */
  readonly primaryRegion?: string;
  readonly description?: string;
}

/** A running local KMS. */
export interface LocalKms {
  /** For `new KMSClient({ endpoint, region, credentials })`; one endpoint serves all Regions. */
  readonly endpoint: string;
  /** Everything a KMSClient needs. The access key id is what `faults.deny` and the events go by. */
  clientConfig(region: string, accessKeyId?: string): LocalKmsClientConfig;
  /** @throws ERR_LOCAL_KMS_REFUSED, ERR_INVALID_ARGUMENT */
  createKey(input: CreateLocalKmsKey): Promise<LocalKmsKey>;
  /** @throws ERR_LOCAL_KMS_REFUSED, ERR_INVALID_ARGUMENT */
  replicateKey(input: ReplicateLocalKmsKey): Promise<LocalKmsKey>;
  /** Deletes the key of one Region at once, which KMS itself only does after 7 to 30 days. @throws ERR_LOCAL_KMS_REFUSED, ERR_INVALID_ARGUMENT */
  deleteKey(input: { readonly keyId: string; readonly region: string }): Promise<void>;
  readonly faults: LocalKmsFaults;
  /** Every call over HTTP, oldest first; the array grows as calls end. */
  readonly events: readonly LocalKmsEvent[];
  clearEvents(): void;
  /** Closes the port and all connections at once, also those of hanging calls. */
  stop(): Promise<void>;
}

export interface LocalKmsClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const noAnswer = { name: "NoAnswer", message: "A fault of the local KMS, or the client itself, ended the call without an answer." };

/**
 * Starts a KMS for tests: an HTTP server on 127.0.0.1 that unmodified KMS clients of any AWS SDK talk to, with keys,
 * multi-Region replicas, aliases, rotation and KMS's own errors, in memory only. The Region of a call is the one it
 * is signed for. Signatures are not verified, and there are no policies but `faults.deny`: everybody may do anything.
 *
 * @example
 * ```ts
 * import { KMSClient } from "@aws-sdk/client-kms";
 * import { awsKmsMrkKeyring } from "dynaseal";
 * import { startLocalKms } from "dynaseal/testing";
 *
 * const kms = await startLocalKms({ regions: ["us-east-1", "eu-west-1"] });
 * const { arn } = await kms.createKey({ multiRegion: true, region: "us-east-1" });
 * const keyring = awsKmsMrkKeyring({ keyId: arn, client: new KMSClient(kms.clientConfig("us-east-1")) });
 * await kms.stop();
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT where `regions` is empty or holds something that is not a Region's name
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/
 */
export async function startLocalKms(options: LocalKmsOptions): Promise<LocalKms> {
  checkRegions(options.regions);
  const now = options.now ?? Date.now;
  const registry = new KeyRegistry(options.regions, now);
  const gate = createFaultGate(options.regions);
  const events: LocalKmsEvent[] = [];

  const answer: AnswerKmsRequest = async (request, gone) => {
    const { operation: name, region, body } = request;
    const operation = kmsOperations.get(name);
    const time = now();
    const keyArns = new Set<string>();
    const record = (error?: { readonly name: string; readonly message: string }): void => {
      const readOnly = operation?.readOnly ?? true;
      const call = { ...request, operation: name, time, eventId: randomUUID(), readOnly, keyArns: [...keyArns], error };
      events.push(eventOf(call));
    };
    const authorize = (key: LocalKey, action = name): void => {
      keyArns.add(key.arn);
      gate.authorize(request, key, action);
    };
    try {
      if ((await gate.pass(request, gone)) === "no answer") {
        record(noAnswer);
        return undefined;
      }
      if (operation === undefined) refuse("UnknownOperationException", `The local KMS has no operation ${name}.`);
      if (!registry.serves(region)) refuse("NotFoundException", `This KMS does not serve Region ${region}.`);
      if (body === undefined) refuse("SerializationException", "The body is not a JSON object.");
      const response = await operation.run({ operation: name, region, fields: new RequestFields(body), registry, authorize });
      record();
      return response;
    } catch (error) {
      record(error instanceof KmsException ? { name: error.exception, message: error.message } : { name: "InternalFailure", message: "" });
      throw error;
    }
  };

  /** The handle's functions name a Region that is not there as a mistake in the test, not as an answer of KMS. */
  const served = (region: string): KeyRegistry => {
    if (registry.serves(region)) return registry;
    throw invalidArgument("region", `one of ${options.regions.join(", ")}`);
  };

  const front = await startKmsHttpFront(answer);
  return {
    endpoint: front.endpoint,
    clientConfig: (region, accessKeyId = "AKIALOCALKMS") => ({
      endpoint: front.endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey: "local" },
    }),
    createKey: (input) => translated("CreateKey", async () => described(await createKey(served(input.region), input))),
    replicateKey: (input) => translated("ReplicateKey", () => described(replicateKey(served(input.replicaRegion), input))),
    deleteKey: ({ keyId, region }) => translated("DeleteKey", () => served(region).remove(registry.resolve(keyId, region, "no aliases"))),
    faults: gate.faults,
    events,
    clearEvents: () => {
      events.length = 0;
    },
    stop: front.stop,
  };
}

async function createKey(registry: KeyRegistry, input: CreateLocalKmsKey): Promise<LocalKey> {
  const { region, keyId, keyMaterial, description, multiRegion = false } = input;
  const spec = keySpecByName(input.keySpec ?? "SYMMETRIC_DEFAULT");
  if (spec === undefined) throw invalidArgument("keySpec", `one of ${keySpecNames.join(", ")}`);
  const usage = input.keyUsage ?? spec.defaultUsage;
  if (spec.algorithms[usage] === undefined)
    throw invalidArgument("keyUsage", `a usage of ${spec.name}: ${Object.keys(spec.algorithms).join(", ")}`);
  if (keyId !== undefined && (!isKeyId(keyId) || keyId.startsWith("mrk-") !== multiRegion)) {
    throw invalidArgument("keyId", multiRegion ? "mrk- and 32 hex digits" : "a UUID in lower case");
  }
  const material = keyMaterial === undefined ? await generateMaterial(spec) : importMaterial(spec, keyMaterial);
  if (material === undefined) throw invalidArgument("keyMaterial", `${spec.type === "symmetric" ? "32 bytes" : "PKCS#8"} for ${spec.name}`);
  return registry.create({ region, spec, usage, multiRegion, material, keyId, description });
}

function replicateKey(registry: KeyRegistry, input: ReplicateLocalKmsKey): LocalKey {
  const keyId = input.keyId.slice(input.keyId.lastIndexOf("/") + 1);
  const primary = registry.holders(keyId).find((key) => isPrimary(key) && (input.primaryRegion ?? key.region) === key.region);
  if (primary === undefined) refuse("NotFoundException", `${input.keyId} is not a multi-Region primary key.`);
  return registry.replicate(primary, input.replicaRegion, input.description);
}

function described(key: LocalKey): LocalKmsKey {
  return { arn: key.arn, keyId: key.family.keyId, region: key.region, multiRegion: key.family.multiRegion };
}

/** KMS's refusals, as errors of this library. */
async function translated<Result>(operation: string, run: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof KmsException)) throw error;
    throw new DynasealError("ERR_LOCAL_KMS_REFUSED", { details: { operation, exception: error.exception, reason: error.message } });
  }
}

function checkRegions(regions: readonly string[]): void {
  if (!Array.isArray(regions) || regions.length === 0) throw invalidArgument("regions", "a list of at least one Region");
  const odd = regions.find((region) => typeof region !== "string" || !/^[a-z]{2,}(?:-[a-z0-9]+)+$/.test(region));
  if (odd !== undefined) throw invalidArgument("regions", `Regions such as us-east-1, which ${String(odd)} is not`);
}
