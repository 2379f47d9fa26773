import type { Location } from "./location.ts";
import type { Transform } from "./transforms.ts";

export interface VirtualPartPlan {
  readonly location: Location;
  readonly transforms: readonly Transform[];
}

/** @see specification/searchable-encryption/virtual.md "Virtual Field Initialization" */
export interface VirtualFieldPlan {
  readonly name: string;
  readonly parts: readonly VirtualPartPlan[];
}

/** Where a beacon or a part takes its value from. */
export type ValueSource = { readonly location: Location } | { readonly virtualField: VirtualFieldPlan };

/** @see specification/searchable-encryption/beacons.md "Standard Beacon Initialization" */
export interface StandardBeaconPlan {
  readonly kind: "standard";
  readonly name: string;
  readonly source: ValueSource;
  /** Bits, 1 to 63. */
  readonly length: number;
  /** Not stored by itself. */
  readonly partOnly: boolean;
  /** Stored as a set with the hash of each member. */
  readonly asSet: boolean;
  /** The name that the HMAC key is derived for: another beacon's where this one is shared. */
  readonly keyName: string;
  /** 1 to 255. */
  readonly partitions: number;
}

/** A part of a compound beacon: hashed where it has a beacon, else readable. */
export interface PartPlan {
  readonly name: string;
  readonly prefix: string;
  readonly source: ValueSource;
  readonly beacon: StandardBeaconPlan | undefined;
}

export interface ConstructorPartPlan {
  readonly part: PartPlan;
  readonly required: boolean;
}

/** @see specification/searchable-encryption/beacons.md "Compound Beacon Initialization" */
export interface CompoundBeaconPlan {
  readonly kind: "compound";
  readonly name: string;
  /** One UTF-16 code unit. */
  readonly split: string;
  /** Signed ones first. */
  readonly parts: readonly PartPlan[];
  readonly constructors: readonly (readonly ConstructorPartPlan[])[];
  /** Without any encrypted part it is a signed beacon: stored under its own name, readable, SIGN_ONLY, or as a key of the table. */
  readonly encrypted: boolean;
}

export type BeaconPlan = StandardBeaconPlan | CompoundBeaconPlan;

/** An attribute that is compared without regard to the case of ASCII letters. */
export interface NormalizedAttribute {
  readonly normalize: "lowercase" | "uppercase";
  /** The beacon of its virtual field `<attribute>_normalized`. */
  readonly beacon: StandardBeaconPlan;
}

/** Everything that a schema says about searching. @see specification/searchable-encryption/search-config.md */
export interface SearchPlan {
  /** Standard and compound beacons, by name, in the order of the schema. */
  readonly beacons: ReadonlyMap<string, BeaconPlan>;
  readonly virtualFields: ReadonlyMap<string, VirtualFieldPlan>;
  /** By attribute name. */
  readonly normalized: ReadonlyMap<string, NormalizedAttribute>;
  /** 1 to 255; 1 means that partitions are not used. */
  readonly partitions: number;
  /** The attribute that names the beacon key, where the schema says so. */
  readonly beaconKeyFrom: string | undefined;
}

/** How many partitions the table has, and how many a beacon has that does not say. */
export interface PartitionCounts {
  readonly number: number;
  readonly default: number;
}
