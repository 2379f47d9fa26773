import { type AttributeMap, itemFromDynamoDbJson } from "../../attributes/index.ts";
import { invalidArgument } from "../../errors/index.ts";
import { headerName } from "../../structure/index.ts";

/** Envelopes stand in each other: an array of records, a record, its images. */
const maximumEnvelopes = 6;

const expected =
  "an item in DynamoDB JSON, the output of get-item, query or scan of the AWS command line, a stream record or event, or lines of an export";

/**
 * The stored items of a text, in its order: of one JSON value, or of one per line.
 *
 * What has a header is an item, even if an attribute of it is called like a member of an envelope.
 *
 * @throws ERR_INVALID_ARGUMENT, which quotes nothing of the text; what `itemFromDynamoDbJson` throws
 */
export function storedItems(text: string): readonly AttributeMap[] {
  const items = parsed(text).flatMap((json) => itemsOf(json, 0));
  if (items.length === 0) throw refused();
  return items;
}

function parsed(text: string): readonly unknown[] {
  const whole = json(text);
  if (whole !== undefined) return [whole.value];
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const read = json(line);
      if (read === undefined) throw refused();
      return read.value;
    });
}

/** The error of `JSON.parse` quotes the text, so that nothing keeps it. */
function json(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function itemsOf(content: unknown, depth: number): readonly AttributeMap[] {
  if (typeof content !== "object" || content === null || depth > maximumEnvelopes) throw refused();
  const inside = (value: unknown): readonly AttributeMap[] => itemsOf(value, depth + 1);
  if (Array.isArray(content)) return content.flatMap(inside);
  const envelope = content as Readonly<Record<string, unknown>>;
  const has = (name: string): boolean => Object.hasOwn(envelope, name);
  if (has(headerName)) return [itemFromDynamoDbJson(content)];
  for (const name of ["Item", "Items", "Records", "dynamodb"]) if (has(name)) return inside(envelope[name]);
  const images = ["NewImage", "OldImage"].filter(has);
  if (images.length > 0) return images.flatMap((name) => inside(envelope[name]));
  return [itemFromDynamoDbJson(content)];
}

function refused(): Error {
  return invalidArgument("the input", expected);
}
