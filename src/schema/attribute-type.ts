/** Types of an attribute's value, for TypeScript alone; see `AttributeType`. */
export const attributeTypes: readonly AttributeType[] = [
  "string",
  "number",
  "boolean",
  "null",
  "binary",
  "list",
  "map",
  "stringSet",
  "numberSet",
  "binarySet",
];

/**
 * The type of an attribute's value as documents hold it: `string`, `number`, `boolean` and `null` are themselves,
 * `binary` is a `Uint8Array`, `list` an array, `map` an object, and the sets are a `Set` of their members.
 */
export type AttributeType = keyof AttributeTypes;

/** Each type by its name in schema files. */
export interface AttributeTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly null: null;
  readonly binary: Uint8Array;
  readonly list: readonly unknown[];
  readonly map: { readonly [name: string]: unknown };
  readonly stringSet: ReadonlySet<string>;
  readonly numberSet: ReadonlySet<number>;
  readonly binarySet: ReadonlySet<Uint8Array>;
}
