import {
  array,
  description,
  type ExactOptionalSchema,
  exactOptional,
  type GenericSchema,
  maxEntries,
  maxLength,
  minEntries,
  nonEmpty,
  picklist,
  pipe,
  record,
  strictObject,
  union,
} from "valibot";
import { attributeName, complaint, splitCharacter, wholeNumber, wireText } from "./leaf.ts";
import type { AttributeBeaconInput, SearchInput } from "./search-input.ts";
import { transformDefinition } from "./transforms.ts";

/** Far more than a table can have; a bound on what is read. */
const maximumEntries = 1000;
const tooMany: string = complaint(`has more than ${maximumEntries} entries`, "leave some out");
const empty: string = complaint("is empty", "add an entry, or leave it out");

function list<Item>(item: GenericSchema<Item>): GenericSchema<Item[]> {
  return pipe(array(item), nonEmpty(empty), maxLength(maximumEntries, tooMany));
}

function byName<Value>(value: GenericSchema<Value>): GenericSchema<Record<string, Value>> {
  return pipe(record(attributeName(), value), minEntries(1, empty), maxEntries(maximumEntries, tooMany));
}

const partitionCount: GenericSchema<number> = wholeNumber(1, 255);

const beaconEntries = {
  length: pipe(
    wholeNumber(1, 63),
    description(
      "Bits of the hash that are kept. Fewer bits hide more and find more rows that do not match, which are left out after decryption. " +
        "With n distinct values take a length for which 2^length lies between the square root of n and n / 2.",
    ),
  ),
  style: exactOptional(
    pipe(
      picklist(["partOnly", "shared", "asSet", "sharedSet"]),
      description(
        "partOnly: only stored inside compound beacons. shared: hashed as the beacon that sharedWith names, so that both can be compared. " +
          "asSet: the value is a set, each member is hashed. sharedSet: shared and asSet.",
      ),
    ),
  ),
  sharedWith: exactOptional(pipe(wireText(), description("The name of the beacon whose hash this one shares."))),
  partitions: exactOptional(pipe(partitionCount, description("Partitions of this beacon, fewer than beaconPartitions."))),
};

/** At an attribute. */
export const attributeBeacon: GenericSchema<AttributeBeaconInput> = pipe(
  strictObject({
    ...beaconEntries,
    normalize: exactOptional(
      pipe(
        picklist(["lowercase", "uppercase"]),
        description("Search without regard to the case of ASCII letters, by a virtual field <attribute>_normalized."),
      ),
    ),
  }),
  description("A beacon: a short keyed hash by which this encrypted attribute can be searched for equality."),
);

const location = pipe(wireText(), description("An attribute, or a value inside one: address.city, phones[0].number."));

const beaconLocation = pipe(
  wireText(),
  description("An attribute, a value inside one (address.city, phones[0].number), or the name of a virtual field."),
);

const virtualField = strictObject({
  parts: pipe(
    list(
      union([
        location,
        strictObject({
          location,
          transforms: exactOptional(pipe(list(transformDefinition), description("Changes to the text, in order."))),
        }),
      ]),
    ),
    description("What the text is put together from, in order. An item that lacks one of them has no such text."),
  ),
  beacon: exactOptional(pipe(strictObject(beaconEntries), description("The beacon of this field, by which it can be searched."))),
});

const name = pipe(wireText(), description("The name of the part."));
const prefix = pipe(wireText(), description("What the part begins with; no prefix may begin with another."));

const partEntries = {
  encrypted: exactOptional(pipe(list(strictObject({ name, prefix })), description("Hashed parts: names of beacons."))),
  signed: exactOptional(
    pipe(
      list(strictObject({ name, prefix, location: exactOptional(location) })),
      description("Parts that stay readable: signed attributes."),
    ),
  ),
};

const compoundBeacon = strictObject({
  split: pipe(splitCharacter, description("One character between the parts; no part's value may hold it.")),
  ...partEntries,
  constructors: exactOptional(
    pipe(
      list(list(union([name, strictObject({ optional: pipe(name, description("The name of a part that may be missing.")) })]))),
      description("Which parts make the beacon, in which order; the first one whose required parts the item has is taken."),
    ),
  ),
});

type SearchEntries = {
  readonly [Property in keyof SearchInput]-?: ExactOptionalSchema<GenericSchema<Exclude<SearchInput[Property], undefined>>, undefined>;
};

/** The properties of a table's schema that concern searching. */
export const searchEntries: SearchEntries = {
  beacons: exactOptional(
    pipe(
      byName(strictObject({ location: beaconLocation, ...beaconEntries })),
      description("Beacons on values inside attributes, on other attributes or on virtual fields, by their names in queries."),
    ),
  ),
  virtualFields: exactOptional(
    pipe(byName(virtualField), description("Texts put together from parts of an item, by their names in queries; never stored.")),
  ),
  compoundBeacons: exactOptional(
    pipe(byName(compoundBeacon), description("Beacons of several parts in one text, by their names in queries.")),
  ),
  beaconParts: exactOptional(pipe(strictObject(partEntries), description("Parts that the constructors of every compound beacon may use."))),
  beaconPartitions: exactOptional(
    pipe(
      union([
        partitionCount,
        strictObject({
          number: pipe(partitionCount, description("How many partitions the table has.")),
          default: pipe(partitionCount, description("How many a beacon has that does not say; fewer than number.")),
        }),
      ]),
      description("Spreads equal values over several beacons, at the price of as many queries."),
    ),
  ),
  beaconKey: exactOptional(
    pipe(
      strictObject({
        from: pipe(attributeName(), description("The attribute whose text is the identifier of the item's branch key.")),
      }),
      description("Whose beacon key is used, where the table has several tenants."),
    ),
  ),
};
