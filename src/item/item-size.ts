import { type AttributeMap, type AttributeValue, significantDigits, typeOf } from "../attributes/index.ts";
import { utf8Length } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";

/** 400 KB, DynamoDB's limit of names and values of one item. */
const maximumItemBytes = 400 * 1024;

/**
 * Bytes of an item as DynamoDB counts them: UTF-8 of names and strings, binary as is, 1 for BOOL and NULL, 3 and 1 an
 * element for lists and maps. Numbers count at the low end of AWS's formula, so that the service, not this check,
 * decides at the very border.
 */
export function itemSize(item: AttributeMap): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) size += utf8Length(name) + valueSize(value);
  }
  return size;
}

/** @throws ERR_ITEM_TOO_LARGE */
export function requireItemSize(tableName: string, item: AttributeMap): void {
  const bytes = itemSize(item);
  if (bytes > maximumItemBytes) {
    throw new DynasealError("ERR_ITEM_TOO_LARGE", { details: { tableName, bytes, maximum: maximumItemBytes } });
  }
}

function valueSize(value: AttributeValue): number {
  switch (typeOf(value)) {
    case "S":
      return utf8Length(value.S ?? "");
    case "N":
      return numberSize(value.N ?? "");
    case "B":
      return value.B?.length ?? 0;
    case "SS":
      return sum(value.SS ?? [], (member) => utf8Length(member));
    case "NS":
      return sum(value.NS ?? [], numberSize);
    case "BS":
      return sum(value.BS ?? [], (member) => member.length);
    case "L":
      return 3 + sum(value.L ?? [], (entry) => 1 + valueSize(entry));
    case "M":
      return 3 + sum(Object.entries(value.M ?? {}), ([name, entry]) => 1 + utf8Length(name) + valueSize(entry));
    default:
      return 1;
  }
}

/** A byte for two significant digits, and one more. */
function numberSize(text: string): number {
  return 1 + Math.ceil(significantDigits(text) / 2);
}

function sum<Member>(members: readonly Member[], size: (member: Member) => number): number {
  return members.reduce((total, member) => total + size(member), 0);
}
