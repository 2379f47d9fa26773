import type { AttributeType, AttributeTypes } from "./attribute-type.ts";
import type { AttributeBeaconInput } from "./search-input.ts";
import type { AttributeObjectInput, TableInput, TableSchema } from "./table-schema.ts";

declare const written: unique symbol;
declare const remedy: unique symbol;

/** A checked schema that remembers, for TypeScript alone, what was written. Made by `defineTable`. */
export interface DefinedTable<Input extends TableInput = TableInput> extends TableSchema {
  readonly [written]?: Input;
}

/** The place of something that must not stand there; the compiler prints the remedy. Nothing has this type. */
export interface Mistake<Remedy extends string> {
  readonly [remedy]: Remedy;
}

/**
 * An attribute that no request can look for, since it is encrypted and has no beacon.
 *
 * @see docs/search.md
 */
export interface NotSearchable<Remedy extends string> extends Mistake<Remedy> {}

type NoOthers<Given, Known, Owner extends string> = {
  readonly [Name in Exclude<
    Extract<keyof Given, string>,
    Known
  >]: Mistake<`${Name} is not a property of ${Owner}: leave it out, or correct its name.`>;
};

type CheckedAttributes<Attributes> = {
  readonly [Name in keyof Attributes]: Attributes[Name] extends object
    ? NoOthers<Attributes[Name], keyof AttributeObjectInput, "an attribute"> &
        (Attributes[Name] extends { readonly beacon: infer Beacon }
          ? { readonly beacon: NoOthers<Beacon, keyof AttributeBeaconInput, "a beacon"> }
          : unknown)
    : unknown;
};

/** TypeScript looks for superfluous properties in literals only where it does not infer: here they are named again. */
export type WithoutOthers<Input> = NoOthers<Input, keyof TableInput, "a table schema"> &
  (Input extends { readonly attributes: infer Attributes } ? { readonly attributes: CheckedAttributes<Attributes> } : unknown);

/** What `defineTable` was given; of a schema that was not made by it nothing is known. */
type InputOf<Schema> = Schema extends { readonly [written]?: infer Input } ? Exclude<Input, undefined> : TableInput;

type AttributesOf<Input> = Input extends { readonly attributes: infer Attributes } ? Attributes : never;

type EntitiesOf<Input> = Input extends { readonly entities: infer Entities extends object } ? Entities : Record<never, never>;

/** The names of the primary key's attributes. */
type KeyNameOf<Input> =
  | (Input extends { readonly partitionKey: infer Name extends string } ? Name : never)
  | (Input extends { readonly sortKey: infer Name extends string } ? Name : never);

/** A key of which the schema does not say the type. */
type AnyKey = string | number | Uint8Array;

type ValueOf<Attribute, Unknown> = Attribute extends { readonly type: infer Type extends AttributeType } ? AttributeTypes[Type] : Unknown;

type OptionalNameOf<Attributes> = {
  [Name in keyof Attributes]: Attributes[Name] extends { readonly optional: true } ? Name : never;
}[keyof Attributes];

type Flat<Type> = { [Name in keyof Type]: Type[Name] };

type Values<Attributes> = { [Name in Exclude<keyof Attributes, OptionalNameOf<Attributes>>]: ValueOf<Attributes[Name], unknown> } & {
  [Name in OptionalNameOf<Attributes>]?: ValueOf<Attributes[Name], unknown>;
};

type KeyValues<Input> = {
  [Name in KeyNameOf<Input>]: Name extends keyof AttributesOf<Input> ? ValueOf<AttributesOf<Input>[Name], AnyKey> : AnyKey;
};

type Others<Input> = Input extends { readonly otherAttributes: string } ? { readonly [name: string]: unknown } : unknown;

type OwnValues<Input> = KeyValues<Input> & Values<Omit<AttributesOf<Input>, KeyNameOf<Input>>> & Others<Input>;

/** The items of one entity: its discriminator has the text that `when` says. */
type EntityValues<Input, Entity> = Entity extends { readonly when: infer When; readonly attributes: infer Attributes }
  ? Flat<
      Omit<OwnValues<Input>, keyof When | keyof Attributes> & Values<Omit<Attributes, keyof When>> & { [Name in keyof When]: When[Name] }
    >
  : never;

/**
 * The documents of a table: what the document client takes and gives. Attributes without a `type` are `unknown`, those
 * with `optional: true` may be missing, and a table with `entities` has one kind of document for each of them.
 *
 * ```ts
 * const customers = defineTable({
 *   tableName: "customers", partitionKey: "customerId",
 *   attributes: { email: { action: "ENCRYPT_AND_SIGN", type: "string", beacon: { length: 16 } } },
 * });
 * type Customer = ItemOf<typeof customers>; // { customerId: string | number | Uint8Array; email: string }
 * ```
 */
export type ItemOf<Schema> =
  InputOf<Schema> extends infer Input
    ? EntitiesOf<Input> extends infer Entities
      ? keyof Entities extends never
        ? Flat<OwnValues<Input>>
        : { [Name in keyof Entities]: EntityValues<Input, Entities[Name]> }[keyof Entities]
      : never
    : never;

type EntityNameOf<Input> =
  EntitiesOf<Input> extends infer Entities ? { [Name in keyof Entities]: keyof AttributesOf<Entities[Name]> }[keyof Entities] : never;

/** Every attribute that the schema names. */
type NameOf<Input> = KeyNameOf<Input> | keyof AttributesOf<Input> | EntityNameOf<Input>;

/**
 * Exactly the primary key of a table. A whole item is an error of the compiler: what stands beside the key would leave
 * the process in the clear.
 */
export type KeyOf<Schema> =
  InputOf<Schema> extends infer Input
    ? Flat<
        KeyValues<Input> & {
          [Name in Exclude<
            NameOf<Input>,
            KeyNameOf<Input>
          >]?: Mistake<`A key holds ${KeyNameOf<Input> & string} only: leave ${Name & string} out.`>;
        }
      >
    : never;

/** What a schema says about one of its attributes, in either form. */
type AttributeOf<Input, Name> = Name extends keyof AttributesOf<Input>
  ? AttributesOf<Input>[Name]
  : EntitiesOf<Input> extends infer Entities
    ? {
        [Entity in keyof Entities]: AttributesOf<Entities[Entity]> extends { readonly [Same in Name & string]: infer Attribute }
          ? Attribute
          : never;
      }[keyof Entities]
    : never;

type ActionOf<Attribute> = Attribute extends string ? Attribute : Attribute extends { readonly action: infer Action } ? Action : never;

type Searched<Attribute, Name> =
  ActionOf<Attribute> extends "ENCRYPT_AND_SIGN"
    ? Attribute extends { readonly beacon: object }
      ? ValueOf<Attribute, unknown>
      : NotSearchable<`${Name & string} is encrypted and has no beacon: add one, "beacon": { "length": 16 }, or filter after decryption.`>
    : ValueOf<Attribute, unknown>;

/** Attributes of a table with the values to look for. */
export type EqualityValues<Schema> =
  InputOf<Schema> extends infer Input
    ? {
        readonly [Name in NameOf<Input>]?: Name extends KeyNameOf<Input>
          ? KeyValues<Input>[Name]
          : Searched<AttributeOf<Input, Name>, Name>;
      }
    : never;
