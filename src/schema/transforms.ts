import {
  description,
  type ExactOptionalSchema,
  exactOptional,
  type GenericSchema,
  picklist,
  pipe,
  strictObject,
  string,
  union,
} from "valibot";
import { position, splitCharacter } from "./leaf.ts";

/** One change to a text. */
export type Transform = (text: string) => string;

/** Transforms that need no parameter. */
export type TransformWord = "uppercase" | "lowercase";

/** Transforms with what they are told. Positions count from 0; negative ones count from the end, -1 is the last. */
export interface TransformParameters {
  /** Adds this text at the end. */
  readonly insert: string;
  /** The first n characters; all but the last n where negative. */
  readonly prefix: number;
  /** The last n characters; all but the first n where negative. */
  readonly suffix: number;
  /** The characters from low up to, but without, high. */
  readonly substring: { readonly low: number; readonly high: number };
  /** One of the pieces between the split characters. */
  readonly segment: { readonly split: string; readonly index: number };
  /** The pieces from low up to, but without, high. */
  readonly segments: { readonly split: string; readonly low: number; readonly high: number };
}

/** One change to a text, as a schema says it: a word, or an object with one property. */
export type TransformInput =
  | TransformWord
  | { readonly [Name in keyof TransformParameters]: { readonly [One in Name]: TransformParameters[Name] } }[keyof TransformParameters];

/**
 * Case is changed in ASCII letters only.
 *
 * @see specification/searchable-encryption/virtual.md "Upper Transform Initialization", "Lower Transform Initialization"
 */
export const transformWords: Readonly<Record<TransformWord, Transform>> = {
  uppercase: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
  lowercase: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
};

/** A transform with a parameter: how a schema says it, and what it does. */
interface TransformKind<Parameter> {
  /** What the schema file tells about it. */
  readonly description: string;
  readonly schema: GenericSchema<Parameter>;
  readonly apply: (text: string, parameter: Parameter) => string;
}

/**
 * All of them; adding one is a line in {@link TransformParameters} and one here. Positions count UTF-16 code units, as the Java
 * library does, so that half of a surrogate pair may be left; whoever hashes the result has to check it.
 *
 * @see specification/searchable-encryption/virtual.md "Virtual Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "Insert Transform Initialization", "GetPrefix Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "GetSuffix Transform Initialization", "GetSubstring Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "GetSegment Transform Initialization", "GetSegments Transform Initialization"
 */
const transformKinds: { readonly [Name in keyof TransformParameters]: TransformKind<TransformParameters[Name]> } = {
  insert: {
    description: "Adds this text at the end.",
    schema: string(),
    apply: (text, added) => text + added,
  },
  prefix: {
    description: "The first n characters, or all but the last n where negative.",
    schema: position,
    apply: (text, length) => text.slice(0, length),
  },
  suffix: {
    description: "The last n characters, or all but the first n where negative.",
    schema: position,
    apply: (text, length) => (length >= 0 ? text.slice(Math.max(0, text.length - length)) : text.slice(-length)),
  },
  substring: {
    description: "The characters from low up to, but without, high.",
    schema: strictObject({ low: position, high: position }),
    apply: (text, { low, high }) => range({ low, high, length: text.length }, (from, to) => text.slice(from, to)),
  },
  segment: {
    description: "One of the pieces between the split characters.",
    schema: strictObject({ split: splitCharacter, index: position }),
    apply: (text, { split, index }) => text.split(split).at(index) ?? "",
  },
  segments: {
    description: "The pieces from low up to, but without, high.",
    schema: strictObject({ split: splitCharacter, low: position, high: position }),
    apply: (text, { split, low, high }) => {
      const pieces = text.split(split);
      return range({ low, high, length: pieces.length }, (from, to) => pieces.slice(from, to).join(split));
    },
  },
};

/**
 * Positions, negative ones from the end; the second one is left out.
 *
 * The specification clamps a position to just behind the last character, the published library to the last one (vector
 * "virtual field: subFar": 3 … 99 loses the last character). The hash is made of the result, so the library's way stands.
 *
 * @see specification/searchable-encryption/virtual.md "Position Definition"
 */
function range(
  { low, high, length }: { readonly low: number; readonly high: number; readonly length: number },
  take: (from: number, to: number) => string,
): string {
  const [from, to] = [place(low, length), place(high, length)];
  return from < to ? take(from, to) : "";
}

function place(position: number, length: number): number {
  return Math.max(Math.min(position < 0 ? length + position : position, length - 1), 0);
}

type TransformEntries = {
  readonly [Name in keyof TransformParameters]: ExactOptionalSchema<GenericSchema<TransformParameters[Name]>, undefined>;
};

const entries = Object.fromEntries(
  Object.entries(transformKinds).map(([name, kind]) => [
    name,
    exactOptional(pipe(kind.schema as GenericSchema, description(kind.description))),
  ]),
) as unknown as TransformEntries;

// The members come from the table above. That an object says exactly one thing is checked when it is compiled.
export const transformDefinition: GenericSchema<TransformInput> = union([
  picklist(Object.keys(transformWords) as TransformWord[]),
  strictObject(entries),
]) as unknown as GenericSchema<TransformInput>;

/** The transform that a schema says. @param input with exactly one property, where it is an object */
export function compileTransform(input: TransformInput): Transform | undefined {
  if (typeof input === "string") return transformWords[input];
  const compiled = (Object.keys(transformKinds) as (keyof TransformParameters)[]).map((name) => bound(name, input));
  return compiled.find((transform) => transform !== undefined);
}

function bound<Name extends keyof TransformParameters>(name: Name, input: Partial<TransformParameters>): Transform | undefined {
  const parameter: TransformParameters[Name] | undefined = input[name];
  const { apply } = transformKinds[name];
  return parameter === undefined ? undefined : (text) => apply(text, parameter);
}
