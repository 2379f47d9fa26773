import type { TransformInput } from "./transforms.ts";

/** What the attributes of a schema say about one beacon. */
export interface BeaconInput {
  /** Bits of the hash that are kept, 1 to 63. */
  readonly length: number;
  /**
   * - `partOnly`: never stored by itself, only inside a compound beacon.
   * - `shared`: hashed as the beacon that `sharedWith` names, so that the two can be compared.
   * - `asSet`: the attribute is a set, and each member is hashed, so that `contains` can be answered.
   * - `sharedSet`: both.
   */
  readonly style?: "partOnly" | "shared" | "asSet" | "sharedSet";
  /** The name of the other beacon; with `shared` and `sharedSet` only. */
  readonly sharedWith?: string;
  /** Partitions of this beacon; fewer than the table's. */
  readonly partitions?: number;
}

/** The beacon that stands at its attribute. */
export interface AttributeBeaconInput extends BeaconInput {
  /** Compare without regard to the case of ASCII letters: the beacon of `<attribute>_normalized` takes this one's place. */
  readonly normalize?: "lowercase" | "uppercase";
}

/**
 * A beacon with a name of its own, on a value inside an attribute or on a virtual field. With the name of another encrypted
 * attribute, that name means the beacon in queries.
 */
export interface NamedBeaconInput extends BeaconInput {
  /** `address.city`, `phones[0].number`, or the name of a virtual field. */
  readonly location: string;
}

/** A location, or one with changes to its text in order. */
export type VirtualPartInput = string | { readonly location: string; readonly transforms?: readonly TransformInput[] };

/** A text put together from parts of an item; never stored, but hashed by its beacon. */
export interface VirtualFieldInput {
  readonly parts: readonly VirtualPartInput[];
  readonly beacon?: BeaconInput;
}

/** A part of compound beacons that is hashed: the name of a beacon. */
export interface EncryptedPartInput {
  readonly name: string;
  readonly prefix: string;
}

/** A part of compound beacons that stays readable. */
export interface SignedPartInput {
  readonly name: string;
  readonly prefix: string;
  /** Where the value stands; the attribute `name` unless given. */
  readonly location?: string;
}

/** The name of a part that has to be there, or of one that may be missing. */
export type ConstructorPartInput = string | { readonly optional: string };

export interface BeaconPartsInput {
  readonly encrypted?: readonly EncryptedPartInput[];
  readonly signed?: readonly SignedPartInput[];
}

/** A beacon of several parts, each behind its prefix, in one text. */
export interface CompoundBeaconInput extends BeaconPartsInput {
  /** One character between the parts; no part's value may hold it. */
  readonly split: string;
  /** Tried in order; without them one of all parts of this beacon, signed ones first, all of them required. */
  readonly constructors?: readonly (readonly ConstructorPartInput[])[];
}

/** What a schema says about searching, beside the beacons at its attributes. */
export interface SearchInput {
  /** Beacons on values inside attributes, on other attributes or on virtual fields, by their names in queries. */
  readonly beacons?: { readonly [name: string]: NamedBeaconInput };
  readonly virtualFields?: { readonly [name: string]: VirtualFieldInput };
  readonly compoundBeacons?: { readonly [name: string]: CompoundBeaconInput };
  /** Parts that the constructors of every compound beacon may use. */
  readonly beaconParts?: BeaconPartsInput;
  /** How many partitions the table's beacons have, 1 to 255; `default` is what a beacon has that does not say. */
  readonly beaconPartitions?: number | { readonly number: number; readonly default: number };
  /** Several tenants: the attribute whose text is the identifier of the branch key whose beacon key is used. */
  readonly beaconKey?: { readonly from: string };
}
