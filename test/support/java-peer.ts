import { createInterface } from "node:readline";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "./dynamodb-json.ts";
import type { JavaConfig } from "./java-config.ts";
import { startJava } from "./java-process.ts";

/** Where the peer's own clients go. An endpoint is one URL, or one a Region; one that is not given leads nowhere. */
export interface PeerAws {
  /** `us-east-1` if absent. */
  readonly region?: string;
  readonly kms?: string | Readonly<Record<string, string>>;
  readonly dynamoDb?: string | Readonly<Record<string, string>>;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
}

/** A table's configuration as in the vectors. `tableName` is the physical name, by default the logical one. */
export interface PeerConfig extends JavaConfig {
  readonly tableName?: string;
  /** As in the vectors' `beacons.json`. */
  readonly search?: Readonly<Record<string, unknown>>;
  readonly aws?: PeerAws;
}

/** The parsed header as the vectors write it. */
export interface PeerHeader {
  readonly attributeActionsOnEncrypt: Readonly<Record<string, string>>;
  readonly algorithmSuiteId: string;
  readonly storedEncryptionContext: Readonly<Record<string, string>>;
  readonly encryptionContext: Readonly<Record<string, string>>;
  readonly selectorContext: JsonItem;
  /** Provider information and ciphertext in base64. */
  readonly encryptedDataKeys: readonly { readonly keyProviderId: string; readonly keyProviderInfo: string; readonly ciphertext: string }[];
}

/** The header is absent where a plaintext policy let the item through as it was. */
export interface PeerItem {
  readonly item: AttributeMap;
  readonly header?: PeerHeader;
}

/** A request through a client that has the library's interceptor. */
export interface PeerRequest {
  readonly configs: readonly PeerConfig[];
  /** `putItem`, `query`, … */
  readonly action: string;
  /** The operation's input as the SDK takes it, binary as Uint8Array. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly aws?: PeerAws;
}

/** An operation of the library's key store. The store is written as in the vectors' hierarchical keyrings. */
export interface PeerKeyStoreRequest {
  readonly keyStore: Readonly<Record<string, unknown>>;
  readonly action:
    | "createKeyStore"
    | "createKey"
    | "versionKey"
    | "getActiveBranchKey"
    | "getBranchKeyVersion"
    | "getBeaconKey"
    | "getKeyStoreInfo";
  /** `branchKeyId`, `branchKeyVersion`, `encryptionContext` as the action needs them. */
  readonly input?: Readonly<Record<string, unknown>>;
  readonly aws: PeerAws;
}

/** The published Java library in a process of its own. Requests may run side by side. */
export interface JavaPeer {
  encryptItem(config: PeerConfig, item: AttributeMap): Promise<PeerItem>;
  decryptItem(config: PeerConfig, item: AttributeMap): Promise<PeerItem>;
  /** What the library says of the encrypted data keys, without any key. */
  describeItem(item: AttributeMap): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Settles if the library's client accepts the configurations. */
  checkConfig(configs: readonly PeerConfig[]): Promise<void>;
  /** Sends through the interceptor; the output has the SDK's shape, binary as Uint8Array. */
  client(request: PeerRequest): Promise<Readonly<Record<string, unknown>>>;
  /** What the interceptor would send, without sending it. */
  rewrite(request: PeerRequest): Promise<Readonly<Record<string, unknown>>>;
  /** Virtual fields and compound beacons of an item, in plain text. */
  resolve(
    configs: readonly PeerConfig[],
    tableName: string,
    item: AttributeMap,
  ): Promise<{ readonly virtualFields: Readonly<Record<string, string>>; readonly compoundBeacons: Readonly<Record<string, string>> }>;
  /** The result's `branchKey` and `beaconKey` are base64. */
  keyStore(request: PeerKeyStoreRequest): Promise<Readonly<Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** What the Java side threw. */
export class JavaError extends Error {
  /** Simple name of the exception's class. */
  readonly type: string;
  readonly list: readonly JavaErrorJson[];
  /** Code and members of an AWS service's exception. */
  readonly code: string | undefined;
  readonly members: unknown;

  constructor(json: JavaErrorJson) {
    super(`${json.type}: ${json.message}`, json.cause === undefined ? {} : { cause: new JavaError(json.cause) });
    this.name = "JavaError";
    this.type = json.type;
    this.list = json.list ?? [];
    this.code = json.code;
    this.members = withBytes(json.members);
  }
}

interface JavaErrorJson {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly members?: unknown;
  readonly list?: readonly JavaErrorJson[];
  readonly cause?: JavaErrorJson;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests under way at a time; further ones wait here, not in the pipe. */
const maximumPending = 32;

/**
 * Starts the peer. Needs Java 17 and, beforehand, `interop/prepare.sh java` (`npm run test:interop` runs it).
 *
 * @param options `timeout`: milliseconds a request may take, 60,000 if absent; `aws`: settings for requests and
 * configurations that have none of their own
 */
export function startJavaPeer(options: { readonly timeout?: number; readonly aws?: PeerAws } = {}): JavaPeer {
  const timeout = options.timeout ?? 60_000;
  const { child, ended, stop } = startJava({ project: "java", jar: "interop.jar", mainClass: "dev.dynaseal.interop.Main" });
  const pending = new Map<number, Pending>();
  const waiting: (() => void)[] = [];
  let requests = 0;
  let gone: string | undefined;

  ended.then((reason) => {
    gone = reason;
    for (const id of [...pending.keys()]) take(id)?.reject(new Error(reason));
    for (const go of waiting.splice(0)) go();
  });

  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, result, error } = JSON.parse(line) as { readonly id: number; readonly result?: unknown; readonly error?: JavaErrorJson };
    const request = take(id);
    if (error === undefined) request?.resolve(result);
    else request?.reject(new JavaError(error));
  });

  function take(id: number): Pending | undefined {
    const request = pending.get(id);
    if (request === undefined) return undefined;
    pending.delete(id);
    clearTimeout(request.timer);
    waiting.shift()?.();
    return request;
  }

  async function ask<Result>(operation: string, fields: Readonly<Record<string, unknown>>): Promise<Result> {
    while (pending.size >= maximumPending && gone === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
    if (gone !== undefined) throw new Error(gone);
    const id = requests++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => take(id)?.reject(new Error(`the Java peer did not answer "${operation}" in ${timeout} ms`)), timeout);
      pending.set(id, { resolve: resolve as (result: unknown) => void, reject, timer });
      child.stdin.write(`${JSON.stringify({ aws: options.aws, ...fields, id, operation })}\n`);
    });
  }

  const withAws = (config: PeerConfig): PeerConfig => (options.aws === undefined ? config : { aws: options.aws, ...config });

  async function itemOperation(operation: string, config: PeerConfig, item: AttributeMap): Promise<PeerItem> {
    const result = await ask<{ item: JsonItem; header?: PeerHeader }>(operation, { config: withAws(config), item: itemToJson(item) });
    return { ...result, item: itemFromJson(result.item) };
  }

  async function clientOperation(operation: string, request: PeerRequest): Promise<Readonly<Record<string, unknown>>> {
    const { configs, params, ...rest } = request;
    const output = await ask(operation, { ...rest, configs: configs.map(withAws), params: withoutBytes(params) });
    return withBytes(output) as Readonly<Record<string, unknown>>;
  }

  return {
    encryptItem: (config, item) => itemOperation("encryptItem", config, item),
    decryptItem: (config, item) => itemOperation("decryptItem", config, item),
    describeItem: (item) => ask("describeItem", { item: itemToJson(item) }),
    checkConfig: async (configs) => void (await ask("checkConfig", { configs: configs.map(withAws) })),
    client: (request) => clientOperation("client", request),
    rewrite: (request) => clientOperation("rewrite", request),
    resolve: (configs, tableName, item) => ask("resolve", { configs: configs.map(withAws), tableName, item: itemToJson(item) }),
    keyStore: (request) => ask("keyStore", { ...request }),
    stop,
  };
}

/** A copy in which every Uint8Array is base64. */
function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutBytes(member)]));
}

/** The reverse: only a binary AttributeValue has a text, or a list of texts, under `B` or `BS`. */
function withBytes(value: unknown, name?: string): unknown {
  if (typeof value === "string") return name === "B" || name === "BS" ? new Uint8Array(Buffer.from(value, "base64")) : value;
  if (Array.isArray(value)) return value.map((member) => withBytes(member, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withBytes(member, key)]));
}
