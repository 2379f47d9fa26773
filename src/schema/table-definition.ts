import {
  description,
  type ExactOptionalSchema,
  exactOptional,
  type GenericSchema,
  maxEntries,
  minEntries,
  picklist,
  pipe,
  record,
  strictObject,
  string,
} from "valibot";
import { attributeName, complaint, keyName, wireText } from "./leaf.ts";
import type { TableInput } from "./table-schema.ts";

/** Far more than a table can have; a bound on what is read. */
const maximumEntries = 1000;
const tooMany: string = complaint(`has more than ${maximumEntries} entries`, "leave some out");
const empty: string = complaint("is empty", "add an entry, or leave it out");

const index = strictObject({
  partitionKey: pipe(keyName(), description("The name of the index's partition key, as the application knows it.")),
  sortKey: exactOptional(pipe(keyName(), description("The name of the index's sort key, if it has one."))),
  read: exactOptional(
    pipe(
      picklist(["fetch"]),
      description("fetch: the index holds parts of items, which are read from the table. Without it such an index is refused."),
    ),
  ),
});

type TableEntries = {
  readonly [Property in "timeToLive" | "indexes"]-?: ExactOptionalSchema<
    GenericSchema<Exclude<TableInput[Property], undefined>>,
    undefined
  >;
};

/** What a schema says about the table itself, beside its keys. */
export const tableEntries: TableEntries = {
  timeToLive: exactOptional(
    pipe(attributeName(), description("The attribute by which DynamoDB expires items. It has to stay readable, or nothing would expire.")),
  ),
  indexes: exactOptional(
    pipe(
      record(wireText(), index),
      minEntries(1, empty),
      maxEntries(maximumEntries, tooMany),
      description("The table's secondary indexes by their names. A key that is encrypted needs a beacon."),
    ),
  ),
};

/** `when` of an entity. */
export const discriminator: GenericSchema<{ [attribute: string]: string }> = pipe(
  record(attributeName(), string()),
  minEntries(1, empty),
  maxEntries(maximumEntries, tooMany),
  description("Attributes that stay readable, with the text by which items of this entity are known."),
);
