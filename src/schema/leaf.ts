import {
  check,
  description,
  type GenericSchema,
  integer,
  maxLength,
  maxValue,
  minValue,
  nonEmpty,
  number,
  pipe,
  regex,
  string,
} from "valibot";
import { isWellFormed, utf8 } from "../bytes/index.ts";
import { quote } from "./problems.ts";

/** Attribute names and values of the encryption context have a length of two bytes on the wire. */
const maximumBytes = 65_535;
/** DynamoDB's own limit for the names of key attributes. */
const maximumKeyNameLength = 255;

const separator = "\n";

/** A message of the definition: what is wrong, and what to write instead. */
export function complaint(problem: string, remedy: string): string {
  return problem + separator + remedy;
}

export function readComplaint(message: string): { problem: string; remedy: string } {
  const [problem = message, remedy = "correct it"] = message.split(separator);
  return { problem, remedy };
}

/** Text that can be written to the wire: not empty, well-formed, at most 65,535 bytes of UTF-8. */
export function wireText(): GenericSchema<string> {
  return pipe(
    string(),
    nonEmpty(complaint("is empty", "write at least one character")),
    check(isWellFormed, complaint("holds half of a surrogate pair", "write well-formed Unicode")),
    check((text) => utf8(text).length <= maximumBytes, complaint(`is longer than ${maximumBytes} bytes of UTF-8`, "shorten it")),
  );
}

/**
 * The name of an attribute that a schema may speak of.
 *
 * @see specification/dynamodb-encryption-client/ddb-support.md "Writable" (aws_dbe_)
 * @see specification/structured-encryption/encrypt-path-structure.md "Encryption Context" (aws-crypto-)
 */
export function attributeName(): GenericSchema<string> {
  return pipe(
    wireText(),
    regex(/^(?!aws_dbe_|aws-crypto-|aws:rep:(?:deleting|updatetime|updateregion)$)/, ({ input }) => {
      if (input.startsWith("aws:rep:")) return complaint("is written by DynamoDB itself and never signed", "leave it out");
      const prefix = input.startsWith("aws_dbe_") ? "aws_dbe_" : "aws-crypto-";
      return complaint(`begins with ${quote(prefix)}, which is reserved for the format`, "choose another name");
    }),
  );
}

/** The name of a key attribute. */
export function keyName(): GenericSchema<string> {
  return pipe(
    attributeName(),
    maxLength(maximumKeyNameLength, complaint(`is longer than the ${maximumKeyNameLength} characters of a key's name`, "shorten it")),
  );
}

/** The name, or the beginning of the names, of attributes outside the signature. */
export function unsignedName(): GenericSchema<string> {
  return pipe(wireText(), regex(/^(?!aws_dbe_)/, complaint('begins with "aws_dbe_", which is reserved for the format', "leave it out")));
}

export function wholeNumber(least: number, most: number): GenericSchema<number> {
  const outside = complaint(`is not between ${least} and ${most}`, `write a whole number from ${least} to ${most}`);
  return pipe(
    number(),
    integer(complaint("is not a whole number", "write a whole number")),
    minValue(least, outside),
    maxValue(most, outside),
  );
}

export const position: GenericSchema<number> = pipe(
  wholeNumber(-(2 ** 31), 2 ** 31 - 1),
  description("Counts from 0; a negative one counts from the end, -1 is the last."),
);

export const splitCharacter: GenericSchema<string> = pipe(
  wireText(),
  maxLength(1, complaint("is more than one character", "write one character")),
  description("The character between the pieces."),
);
