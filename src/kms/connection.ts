import type { KMSClient } from "@aws-sdk/client-kms";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { type FailoverOptions, RegionalFailover } from "./failover.ts";
import { isMultiRegionKey, type KmsIdentifier, regionalKeyArn } from "./identifiers.ts";
import { RegionalClients } from "./regional-clients.ts";
import { kmsSdk } from "./sdk.ts";

/** Gives the client of a Region; asked once for each Region, and again for one that was not used while many others were. Assume a role here to reach other accounts. */
export type KmsClientSupplier = (region: string) => KMSClient | Promise<KMSClient>;

/** How a keyring or key store reaches KMS. Everything is optional. */
export interface KmsOptions {
  /** The own Region. By default that of `client`, of the wrapped DynamoDB client, of the AWS SDK's own configuration, or of the key ARN, the first that is known. */
  readonly region?: string | undefined;
  /** One client for every call; its Region is the own Region. */
  readonly client?: KMSClient | undefined;
  /** By default `new KMSClient({ region })`. */
  readonly clientSupplier?: KmsClientSupplier | undefined;
  /** Up to 10, for every Region or by Region. */
  readonly grantTokens?: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  /** After how long a call counts as not reaching KMS, the SDK's retries included; default 10. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Takes a plain http endpoint that is not on this machine, for containers on one host. Everybody on the way then reads
   * plaintext data keys. Default false.
   */
  readonly allowPlainHttp?: boolean | undefined;
}

/** As {@link KmsOptions}, for multi-Region keys. */
export interface MultiRegionKmsOptions extends KmsOptions {
  /** Off unless given. Needs clients of several Regions, hence excludes `client`. */
  readonly failover?: FailoverOptions | undefined;
}

/** Where one call goes: the key as it is sent, and the Region that is asked. */
export interface KmsTarget {
  readonly keyId: string;
  readonly region: string;
}

/** The clients of one keyring by Region, and the choice of Region for each call. */
export class KmsConnection {
  readonly #options: MultiRegionKmsOptions;
  readonly #failover: RegionalFailover | undefined;
  readonly #clients: RegionalClients;
  /** Account-less key ids that were asked for their account, see `send`. */
  readonly #described: Map<string, Promise<string>> = new Map();
  #sdkRegion: Promise<string | undefined> | undefined;
  /** For one call in one Region. */
  readonly timeoutSeconds: number;
  readonly allowPlainHttp: boolean;
  /** The keyring or key store, for the user agent. */
  readonly caller: string;

  /** @throws ERR_INVALID_ARGUMENT */
  constructor(options: MultiRegionKmsOptions, caller: string = "") {
    checkOptions(options);
    this.#options = { ...options };
    this.#clients = new RegionalClients(options.clientSupplier);
    this.allowPlainHttp = options.allowPlainHttp === true;
    this.caller = caller;
    this.#failover = options.failover && new RegionalFailover(options.failover);
    this.timeoutSeconds = this.#failover?.deadlineSeconds ?? options.timeoutSeconds ?? 10;
  }

  /** Asks the key exactly as it is configured: an ARN in its own Region, a bare id or alias in the own Region. */
  async asConfigured<Result>(key: KmsIdentifier, call: KeyringCall, ask: (target: KmsTarget) => Promise<Result>): Promise<Result> {
    const region = key.arn?.region ?? (await this.ownRegion(call));
    if (region === undefined) throw regionUnknown(key);
    return ask({ keyId: key.text, region });
  }

  /** Asks the replica of a multi-Region key in the own Region, and where failover is on the next one; any other key as configured. */
  async inOwnRegion<Result>(key: KmsIdentifier, call: KeyringCall, ask: (target: KmsTarget) => Promise<Result>): Promise<Result> {
    if (!isMultiRegionKey(key)) return this.asConfigured(key, call, ask);
    const { arn } = key;
    const own = (await this.ownRegion(call)) ?? arn?.region;
    if (own === undefined) throw regionUnknown(key);
    const askIn = (region: string): Promise<Result> => ask({ keyId: arn === undefined ? key.text : regionalKeyArn(arn, region), region });
    return this.#failover === undefined ? askIn(own) : this.#failover.run(own, call, askIn);
  }

  /** The own Region; `undefined` where nothing names one. */
  async ownRegion(call: KeyringCall): Promise<string | undefined> {
    const { region, client } = this.#options;
    if (region !== undefined) return region;
    if (client !== undefined) return client.config.region().catch(() => undefined);
    if (call.region !== undefined) return call.region;
    const { KMSClient } = await kmsSdk();
    this.#sdkRegion ??= new KMSClient({}).config.region().catch(() => undefined);
    return this.#sdkRegion;
  }

  /** Runs one call on the client of a Region, see {@link RegionalClients}. */
  async run<Result>(region: string, call: (client: KMSClient) => Promise<Result>): Promise<Result> {
    const { client } = this.#options;
    return client === undefined ? this.#clients.run(region, call) : call(client);
  }

  /** What `describe` says of a key, asked once for each key and host. */
  described(site: string, describe: () => Promise<string>): Promise<string> {
    let answer = this.#described.get(site);
    if (answer === undefined) {
      answer = describe();
      this.#described.set(site, answer);
      answer.catch(() => this.#described.delete(site));
    }
    return answer;
  }

  grantTokens(region: string): string[] {
    const { grantTokens = [] } = this.#options;
    if (isList(grantTokens)) return [...grantTokens];
    return Object.hasOwn(grantTokens, region) ? [...(grantTokens[region] ?? [])] : [];
  }
}

function checkOptions({ client, clientSupplier, failover, grantTokens = [], timeoutSeconds = 10 }: MultiRegionKmsOptions): void {
  if (client !== undefined && clientSupplier !== undefined) throw invalidArgument("clientSupplier", "absent where client is given");
  if (failover !== undefined && client !== undefined)
    throw invalidArgument("client", "absent with failover: one client reaches one Region, use clientSupplier");
  if (failover !== undefined && failover.regions.length === 0) throw invalidArgument("failover.regions", "a list of at least one Region");
  for (const seconds of [timeoutSeconds, failover?.deadlineSeconds ?? 1, failover?.breakerSeconds ?? 1]) {
    if (!(seconds > 0 && Number.isFinite(seconds))) throw invalidArgument("a time-out", "a number of seconds above 0");
  }
  for (const tokens of isList(grantTokens) ? [grantTokens] : Object.values(grantTokens)) {
    if (tokens.length > 10 || !tokens.every((token) => token.length >= 1 && token.length <= 8192)) {
      throw invalidArgument("grantTokens", "up to 10 texts of 1 to 8192 characters");
    }
  }
}

/** `Array.isArray` does not narrow a readonly array away. */
function isList(tokens: readonly string[] | Readonly<Record<string, readonly string[]>>): tokens is readonly string[] {
  return Array.isArray(tokens);
}

function regionUnknown(key: KmsIdentifier): DynasealError {
  return new DynasealError("ERR_KMS_REGION_UNKNOWN", { details: { keyId: key.text } });
}
