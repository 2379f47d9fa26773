import { createSecretKey, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { isPrimary, type KeyFamily, type LocalKey, type MaterialVersion, materialVersion, millisecondsPerDay } from "./key-family.ts";
import { aliasArn, keyArn, notThere, parseKeyReference, partitionOf } from "./key-reference.ts";
import type { KeySpec, KeyUsage } from "./key-spec.ts";
import { refuse } from "./kms-exception.ts";

/** Names a key within one Region. */
export interface Alias {
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface RegionState {
  /** By key id, in the order of creation. */
  readonly keys: Map<string, LocalKey>;
  /** By `alias/…`. */
  readonly aliases: Map<string, Alias>;
}

export interface NewKey {
  readonly region: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly multiRegion: boolean;
  readonly material: KeyObject;
  readonly keyId?: string | undefined;
  readonly description?: string | undefined;
}

/** All keys and aliases of all Regions. Regions know nothing of each other but the families of multi-Region keys. */
export class KeyRegistry {
  readonly #regions: ReadonlyMap<string, RegionState>;
  readonly #now: () => number;

  constructor(regions: readonly string[], now: () => number) {
    this.#regions = new Map(regions.map((region) => [region, { keys: new Map(), aliases: new Map() }]));
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  serves(region: string): boolean {
    return this.#regions.has(region);
  }

  create(input: NewKey): LocalKey {
    const keyId = input.keyId ?? (input.multiRegion ? `mrk-${randomBytes(16).toString("hex")}` : randomUUID());
    const taken = this.holders(keyId)[0];
    if (taken !== undefined) refuse("AlreadyExistsException", `${taken.arn} already exists`);
    const family: KeyFamily = {
      keyId,
      spec: input.spec,
      usage: input.usage,
      multiRegion: input.multiRegion,
      versions: [materialVersion(input.material)],
      automaticRotation: { enabled: false, periodInDays: 365, nextAt: 0 },
      primaryRegion: input.region,
    };
    return this.#add(family, input.region, input.description);
  }

  /** A further Region for a multi-Region key: same id and material, a state of its own. */
  replicate(primary: LocalKey, region: string, description: string | undefined): LocalKey {
    if (!this.serves(region) || partitionOf(region) !== partitionOf(primary.region)) {
      refuse("ValidationException", `${region} is not a Region that ${primary.arn} can be replicated to.`);
    }
    if (this.find(primary.family.keyId, region) !== undefined) {
      refuse("AlreadyExistsException", `${keyArn(region, primary.family.keyId)} already exists`);
    }
    return this.#add(primary.family, region, description);
  }

  /** The key that a request to `region` names, by id or ARN and, where `aliases` says so, by alias or alias ARN. */
  resolve(reference: string, region: string, aliases: "aliases" | "no aliases"): LocalKey {
    const parsed = parseKeyReference(reference, region);
    if (parsed.kind === "key") return this.#existing(parsed.keyId, region);
    if (aliases === "no aliases") refuse("NotFoundException", `Invalid keyId '${reference}'`);
    const alias = this.alias(region, parsed.name) ?? refuse("NotFoundException", notThere(aliasArn(region, parsed.name), false));
    return this.#existing(alias.keyId, region);
  }

  find(keyId: string, region: string): LocalKey | undefined {
    const { keys, aliases } = this.#state(region);
    const key = keys.get(keyId);
    if (key?.deletion?.deleteAt === undefined || key.deletion.deleteAt > this.now) return key;
    keys.delete(keyId);
    for (const alias of aliases.values()) if (alias.keyId === keyId) aliases.delete(alias.name);
    this.#startWaitingPeriod(key.family);
    return undefined;
  }

  /** The keys of one Region, oldest first. */
  keys(region: string): readonly LocalKey[] {
    return [...this.#state(region).keys.keys()].flatMap((keyId) => this.find(keyId, region) ?? []);
  }

  /** The key with this id in every Region that has one; ids are unique but for related multi-Region keys. */
  holders(keyId: string): readonly LocalKey[] {
    return [...this.#regions.keys()].flatMap((region) => this.find(keyId, region) ?? []);
  }

  /** Ends the key at once, as if its waiting period were over. */
  remove(key: LocalKey): void {
    if (isPrimary(key) && this.holders(key.family.keyId).length > 1) {
      refuse("KMSInvalidStateException", `${key.arn} still has replica keys; delete them first.`);
    }
    key.deletion = { windowInDays: 0, deleteAt: this.now };
    this.find(key.family.keyId, key.region);
  }

  aliases(region: string): readonly Alias[] {
    return [...this.#state(region).aliases.values()];
  }

  alias(region: string, name: string): Alias | undefined {
    return this.#state(region).aliases.get(name);
  }

  setAlias(region: string, alias: Alias): void {
    this.#state(region).aliases.set(alias.name, alias);
  }

  deleteAlias(region: string, name: string): void {
    this.#state(region).aliases.delete(name);
  }

  /** Adds a material version to a symmetric key and all its replicas. */
  rotate(family: KeyFamily, type: "ON_DEMAND" | "AUTOMATIC", at: number): MaterialVersion {
    const version = materialVersion(createSecretKey(randomBytes(32)), { at, type });
    family.versions.push(version);
    return version;
  }

  #existing(keyId: string, region: string): LocalKey {
    const key = this.find(keyId, region) ?? refuse("NotFoundException", notThere(keyArn(region, keyId), true));
    const { automaticRotation } = key.family;
    while (automaticRotation.enabled && automaticRotation.nextAt <= this.now) {
      this.rotate(key.family, "AUTOMATIC", automaticRotation.nextAt);
      automaticRotation.nextAt += automaticRotation.periodInDays * millisecondsPerDay;
    }
    return key;
  }

  #add(family: KeyFamily, region: string, description: string | undefined): LocalKey {
    const arn = keyArn(region, family.keyId);
    const key: LocalKey = { family, region, arn, createdAt: this.now, description: description ?? "", state: "Enabled" };
    this.#state(region).keys.set(family.keyId, key);
    return key;
  }

  /** The waiting period of a primary whose deletion was asked for begins when its last replica is gone. */
  #startWaitingPeriod(family: KeyFamily): void {
    const [last, ...others] = this.holders(family.keyId);
    if (last === undefined || others.length > 0 || last.state !== "PendingReplicaDeletion") return;
    const windowInDays = last.deletion?.windowInDays ?? 30;
    last.state = "PendingDeletion";
    last.deletion = { windowInDays, deleteAt: this.now + windowInDays * millisecondsPerDay };
  }

  #state(region: string): RegionState {
    return this.#regions.get(region) ?? refuse("NotFoundException", `This KMS does not serve Region ${region}.`);
  }
}
