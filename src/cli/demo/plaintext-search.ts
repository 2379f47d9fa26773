import type { AttributeMap, AttributeValue } from "../../attributes/index.ts";
import type { Customer } from "./customers.ts";

/** Every text of a customer that the table must never show. */
export function secretsOf(customer: Customer): readonly string[] {
  const { email, name, phone, iban, dateOfBirth, address, notes } = customer;
  return [email, name, phone, iban, dateOfBirth, address.street, address.postcode, address.city, ...(notes === undefined ? [] : [notes])];
}

/** How many of the texts stand anywhere in the raw items: in a string, or as UTF-8 inside binary values. */
export function countPlaintext(rawItems: readonly AttributeMap[], secrets: readonly string[]): number {
  const table = Buffer.concat(
    rawItems.flatMap((item) => Object.entries(item)).flatMap(([name, value]) => [Buffer.from(name), ...bytesOf(value)]),
  );
  return secrets.filter((secret) => table.includes(Buffer.from(secret))).length;
}

function bytesOf(value: AttributeValue): readonly Uint8Array[] {
  if (value.B !== undefined) return [value.B];
  if (value.BS !== undefined) return value.BS;
  if (value.L !== undefined) return value.L.flatMap(bytesOf);
  if (value.M !== undefined) return Object.entries(value.M).flatMap(([name, entry]) => [Buffer.from(name), ...bytesOf(entry)]);
  return [Buffer.from(JSON.stringify(value))];
}
