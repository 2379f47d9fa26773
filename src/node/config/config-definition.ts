import {
  array,
  description,
  exactOptional,
  type GenericSchema,
  integer,
  maxEntries,
  maxLength,
  maxValue,
  minEntries,
  minValue,
  nonEmpty,
  number,
  picklist,
  pipe,
  record,
  strictObject,
  string,
  title,
  union,
} from "valibot";
import { complaint } from "../../schema/index.ts";

/** Far more than a service has; a bound on what is read. */
const maximumEntries = 1000;
const tooMany = complaint(`has more than ${maximumEntries} entries`, "leave some out");
const empty = complaint("is empty", "add an entry, or leave it out");

const text = pipe(string(), nonEmpty(complaint("is empty", "write at least one character")));
const texts = pipe(array(text), nonEmpty(empty), maxLength(maximumEntries, tooMany));

const seconds = pipe(
  number(),
  integer(complaint("is not a whole number", "write a whole number of seconds")),
  minValue(1, complaint("is less than 1", "write at least 1")),
  maxValue(31_536_000, complaint("is longer than a year", "write fewer seconds")),
);

const keyId = pipe(text, description("The ARN of a KMS key. For a multi-Region key that of any Region."));

const region = exactOptional(pipe(text, description("The Region that is asked. By default that of the DynamoDB client.")));

const failover = exactOptional(
  pipe(
    strictObject({
      regions: pipe(texts, description("Asked in this order after the own Region.")),
      on: exactOptional(
        pipe(
          array(picklist(["unreachable", "throttled"])),
          nonEmpty(empty),
          description('What leads to another Region: ["unreachable"] unless given.'),
        ),
      ),
      deadlineSeconds: exactOptional(pipe(seconds, description("How long one Region may take for one call."))),
      breakerSeconds: exactOptional(pipe(seconds, description("How long an unreachable Region is left alone."))),
    }),
    description("Other Regions of a multi-Region key, for when the own one cannot be reached."),
  ),
);

const accounts = strictObject({
  accountIds: pipe(texts, description("AWS account ids, 12 digits each.")),
  partition: exactOptional(pipe(text, description("aws unless given."))),
});

const discoveryFilter = pipe(
  union([picklist(["any-account"]), accounts]),
  description("Whose KMS keys are believed: those of these accounts."),
);

const caching = {
  ttlSeconds: exactOptional(pipe(seconds, description("How long a branch key is used before it is fetched again; 300 unless given."))),
};

const keyrings = {
  awsKmsMrkKeyring: exactOptional(
    pipe(strictObject({ keyId, region, failover }), description("A multi-Region key, asked in the own Region.")),
  ),
  awsKmsKeyring: exactOptional(pipe(strictObject({ keyId, region }), description("One KMS key, asked in its own Region."))),
  awsKmsMrkMultiKeyring: exactOptional(
    pipe(
      strictObject({ generator: exactOptional(keyId), keyIds: exactOptional(texts), region, failover }),
      description("Several KMS keys: each item is wrapped under all of them."),
    ),
  ),
  awsKmsDiscoveryKeyring: exactOptional(
    pipe(strictObject({ discoveryFilter, region }), description("Reads under whatever KMS key an item names; cannot write.")),
  ),
  awsKmsMrkDiscoveryKeyring: exactOptional(
    pipe(strictObject({ discoveryFilter, region, failover }), description("As awsKmsDiscoveryKeyring, by the own Region's replicas.")),
  ),
  awsKmsHierarchicalKeyring: exactOptional(
    pipe(
      strictObject({
        branchKeyId: exactOptional(
          pipe(text, description("The branch key of all items. Without it the schema's branchKey says which one an item has.")),
        ),
        ...caching,
      }),
      description("Branch keys of the key store."),
    ),
  ),
};

const oneKeyring = strictObject(keyrings);
const several = pipe(array(oneKeyring), nonEmpty(empty), maxLength(maximumEntries, tooMany));

const keyring = strictObject({
  ...keyrings,
  multiKeyring: exactOptional(
    pipe(
      strictObject({
        generator: exactOptional(pipe(oneKeyring, description("Makes new data keys."))),
        children: exactOptional(pipe(several, description("Each can read every item too."))),
        decryptOnly: exactOptional(pipe(several, description("Read what was written under them, and write nothing more."))),
      }),
      description("Several keyrings as one."),
    ),
  ),
});

/**
 * What `dynaseal.config.json` holds: where the tables are, and with which keys. AWS KMS alone: a raw key has no place in a
 * file. A keyring is an object with one member, called like the function that makes it.
 */
export const configDefinition: GenericSchema = pipe(
  strictObject({
    $schema: exactOptional(pipe(string(), description("The JSON Schema of this file, for editors. Otherwise without meaning."))),
    schemas: pipe(union([text, texts]), description("Schema files (*.table.json), or folders of them, by paths relative to this file.")),
    tableNames: exactOptional(
      pipe(record(text, text), minEntries(1, empty), maxEntries(maximumEntries, tooMany), description("Logical → physical table name.")),
    ),
    plainTables: exactOptional(
      pipe(union([picklist(["all"]), texts]), description('Physical names of tables that stay plain, or "all" that have no schema.')),
    ),
    keyring: exactOptional(pipe(keyring, description("The keyring of every table that keyrings does not name."))),
    keyrings: exactOptional(
      pipe(
        record(text, keyring),
        minEntries(1, empty),
        maxEntries(maximumEntries, tooMany),
        description("The keyrings of single tables, by logical table name."),
      ),
    ),
    keyStore: exactOptional(
      pipe(
        strictObject({
          tableName: pipe(text, description("The key store's table.")),
          logicalKeyStoreName: pipe(text, description("Bound into every branch key, so it never changes.")),
          kms: pipe(
            strictObject({
              mrkArn: exactOptional(pipe(text, description("A multi-Region key, asked in the own Region."))),
              keyArn: exactOptional(pipe(text, description("One KMS key, asked in its own Region."))),
              discovery: exactOptional(pipe(accounts, description("Whatever key of these accounts the key store names; reads only."))),
              mrkDiscovery: exactOptional(pipe(accounts, description("As discovery, by the own Region's replicas."))),
              failover,
            }),
            description("The KMS key of the branch keys: mrkArn, keyArn, discovery or mrkDiscovery."),
          ),
          region,
        }),
        description("Where branch keys and beacon keys are."),
      ),
    ),
    beaconKeys: exactOptional(
      pipe(
        strictObject({
          branchKeyId: exactOptional(pipe(text, description("The branch key whose beacon key is used for all items."))),
          fromAttribute: exactOptional(pipe(text, description("The attribute that names the branch key, if there are several tenants."))),
          ...caching,
        }),
        description("The beacon keys, in the key store."),
      ),
    ),
  }),
  title("dynaseal configuration"),
  description("Where the tables of one environment are, and with which keys they are encrypted. The schema files say what is secret."),
);
