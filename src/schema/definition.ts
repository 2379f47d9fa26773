import {
  array,
  boolean,
  description,
  exactOptional,
  type GenericSchema,
  isoDate,
  maxEntries,
  maxLength,
  minEntries,
  nonEmpty,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
  title,
  union,
} from "valibot";
import { attributeTypes } from "./attribute-type.ts";
import { attributeName, complaint, keyName, unsignedName, wireText } from "./leaf.ts";
import { attributeBeacon, searchEntries } from "./search-definition.ts";
import { discriminator, tableEntries } from "./table-definition.ts";
import type { AttributeInput, TableInput } from "./table-schema.ts";
import { versionPattern } from "./version.ts";

/** As many as an item's legend can count; a bound on what is read, no promise of sense. */
const maximumNames = 65_535;
const tooMany: string = complaint(`has more than ${maximumNames} entries`, "leave some out");

const action = pipe(
  picklist(["ENCRYPT_AND_SIGN", "SIGN_ONLY", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "DO_NOTHING"]),
  description(
    "ENCRYPT_AND_SIGN: unreadable without the key, and authenticated. SIGN_ONLY: readable, and authenticated. " +
      "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT: as SIGN_ONLY, and sent to KMS as encryption context. " +
      "DO_NOTHING: neither encrypted nor authenticated.",
  ),
);

const type = pipe(
  picklist(attributeTypes),
  description("The type of the attribute's value in TypeScript. Items are not checked against it, and it is not bound into them."),
);

const optional = pipe(
  boolean(),
  description("Whether an item may lack the attribute, in TypeScript. Items are not checked against it, and it is not bound into them."),
);

/** The long form of an attribute. Settings beyond the action become further entries here and in `AttributeInput`. */
const attributeObject = pipe(
  strictObject({ action, beacon: exactOptional(attributeBeacon), type: exactOptional(type), optional: exactOptional(optional) }),
  description("The long form."),
);

/** Name → what happens to the attribute. */
export const attributesDefinition: GenericSchema<{ [name: string]: AttributeInput }> = pipe(
  record(attributeName(), union([action, attributeObject])),
  maxEntries(maximumNames, tooMany),
);

const branchKey = pipe(
  strictObject({
    from: pipe(
      attributeName(),
      description(
        "The attribute that names the branch key: a key, or an attribute with SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT. " +
          "No other is known before an item is decrypted.",
      ),
    ),
    map: exactOptional(
      pipe(
        record(string(), wireText()),
        minEntries(1, complaint("is empty", "add an entry, or leave map out to use the attribute's text itself")),
        maxEntries(maximumNames, tooMany),
        description("From the attribute's text to the branch key's identifier. Without it the text itself is the identifier."),
      ),
    ),
  }),
  description("Which branch key an item is encrypted under, where the hierarchical keyring serves several tenants."),
);

/**
 * The one definition of a table's schema: `parseSchema` walks it, and `schemas/table.schema.json` is generated from it.
 * Of valibot's containers it may use those that read-definition.ts knows. Rules that concern several properties stand in
 * rules.ts.
 */
export const tableDefinition: GenericSchema<TableInput> = pipe(
  strictObject({
    $schema: exactOptional(pipe(string(), description("The JSON Schema of this file, for editors. Otherwise without meaning."))),
    minimumVersion: exactOptional(
      pipe(
        string(),
        regex(versionPattern, complaint("is not a version", 'write three numbers, such as "0.2.0"')),
        description("The oldest version of dynaseal that may read this file; an older one says so, and does nothing."),
      ),
    ),
    include: exactOptional(
      pipe(
        array(wireText()),
        nonEmpty(complaint("is empty", "name a file, or leave include out")),
        maxLength(maximumNames, tooMany),
        description(
          "Files *.attributes.json whose attributes belong to this table too, by paths relative to this file. loadSchemas reads them. " +
            "An attribute that is defined twice is an error.",
        ),
      ),
    ),
    tableName: pipe(
      wireText(),
      description(
        "The logical table name. It is bound into every item, so it never changes; tableNames in code maps it to the physical table. " +
          "Together with the KMS key it has to be unique for each environment.",
      ),
    ),
    partitionKey: pipe(keyName(), description("The name of the table's partition key.")),
    sortKey: exactOptional(pipe(keyName(), description("The name of the table's sort key, where it has one."))),
    attributes: pipe(
      attributesDefinition,
      description(
        "What happens to each attribute. Keys may be left out: they are signed, never encrypted, and part of the encryption context " +
          "as soon as any attribute is.",
      ),
    ),
    otherAttributes: exactOptional(
      pipe(
        picklist(["ENCRYPT_AND_SIGN", "SIGN_ONLY"]),
        description("What happens to an attribute that this file does not name. Without it, writing one is refused."),
      ),
    ),
    unsignedAttributes: exactOptional(
      pipe(
        array(unsignedName()),
        nonEmpty(complaint("is empty", "name an attribute, or leave unsignedAttributes out")),
        maxLength(maximumNames, tooMany),
        description(
          "Further attributes that are left out of the signature when an item is read. DO_NOTHING attributes are so without being listed.",
        ),
      ),
    ),
    unsignedAttributePrefix: exactOptional(
      pipe(
        unsignedName(),
        description("Attributes whose names begin with this are neither encrypted nor authenticated; no signed attribute may."),
      ),
    ),
    algorithmSuite: exactOptional(
      pipe(
        picklist(["ECDSA", "HMAC"]),
        description(
          "ECDSA (0x6701, the default) adds a signature that whoever may only decrypt cannot make. HMAC (0x6700) is faster; " +
            "whoever may decrypt may also write.",
        ),
      ),
    ),
    acceptAlgorithmSuites: exactOptional(
      pipe(
        array(picklist(["ECDSA", "HMAC"])),
        nonEmpty(complaint("is empty", "name a suite, or leave acceptAlgorithmSuites out")),
        maxLength(2, complaint("has more entries than there are suites", "name each suite once")),
        description(
          'The suites under which items are read. Absent, both are, as in DB-ESDK. New ECDSA tables say ["ECDSA"]: whoever may ' +
            "decrypt can make items under HMAC, and a reader that accepts them would believe those.",
        ),
      ),
    ),
    plaintextOverride: exactOptional(
      pipe(
        picklist([
          "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
          "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
          "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
        ]),
        description(
          "For the time in which a plain table is being encrypted. The first is the default; " +
            "the two that read plaintext also need acknowledgePlaintext: true in code.",
        ),
      ),
    ),
    plaintextUntil: exactOptional(
      pipe(
        string(),
        isoDate(complaint("is not a day", 'write it as "2027-01-31"')),
        description(
          "The last day on which plaintextOverride is meant to be there; dynaseal schema lint complains after it, and nothing else happens.",
        ),
      ),
    ),
    branchKey: exactOptional(branchKey),
    revision: exactOptional(
      pipe(
        attributeName(),
        description("A number with SIGN_ONLY that the client raises on every write, so that an older item can be told from a newer one."),
      ),
    ),
    ...tableEntries,
    entities: exactOptional(
      pipe(
        record(
          wireText(),
          strictObject({
            when: discriminator,
            attributes: pipe(attributesDefinition, description("What happens to each attribute of this entity, beside the table's own.")),
          }),
        ),
        minEntries(1, complaint("is empty", "add an entity, or leave entities out")),
        maxEntries(maximumNames, tooMany),
        description(
          "Kinds of items that share the table, each with attributes of its own beside those of the table. " +
            "An attribute has one action, whichever entity it is in.",
        ),
      ),
    ),
    ...searchEntries,
  }),
  title("dynaseal table schema"),
  description("How the items of one DynamoDB table are encrypted and signed."),
);

/** What a file `*.attributes.json` holds, which the schemas of several tables include. */
export const attributesFileDefinition: GenericSchema<{ $schema?: string; attributes: { [name: string]: AttributeInput } }> = pipe(
  strictObject({
    $schema: exactOptional(pipe(string(), description("The JSON Schema of this file, for editors. Otherwise without meaning."))),
    attributes: pipe(attributesDefinition, description("What happens to each attribute, in every table that includes this file.")),
  }),
  title("dynaseal attributes"),
  description("Attributes that the schemas of several tables share."),
);
