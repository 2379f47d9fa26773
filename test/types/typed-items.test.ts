import { beforeAll, describe, expect, it } from "vitest";
import { diagnosticsOf } from "./diagnostics.ts";

const head = `
import { defineTable, equalityFilter, parseSchema, type ItemOf, type KeyOf } from "../../src/index.ts";
const customers = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  attributes: {
    customerId: { action: "SIGN_ONLY", type: "string" },
    email: { action: "ENCRYPT_AND_SIGN", type: "string", beacon: { length: 16 } },
    phone: { action: "ENCRYPT_AND_SIGN", type: "string", optional: true },
    visits: { action: "DO_NOTHING", type: "number" },
    tier: "SIGN_ONLY",
    tags: { action: "SIGN_ONLY", type: "stringSet", optional: true },
    photo: { action: "ENCRYPT_AND_SIGN", type: "binary", optional: true },
  },
});
const shop = defineTable({
  tableName: "shop",
  partitionKey: "pk",
  sortKey: "sk",
  attributes: { pk: { action: "SIGN_ONLY", type: "string" }, sk: { action: "SIGN_ONLY", type: "string" }, kind: { action: "SIGN_ONLY", type: "string" } },
  entities: {
    order: { when: { kind: "order" }, attributes: { total: { action: "ENCRYPT_AND_SIGN", type: "number" } } },
    person: { when: { kind: "person" }, attributes: { name: { action: "ENCRYPT_AND_SIGN", type: "string" } } },
  },
});
type Customer = ItemOf<typeof customers>;
type CustomerKey = KeyOf<typeof customers>;
type Shop = ItemOf<typeof shop>;
declare const customer: Customer;
declare const thing: Shop;
void [customers, shop, equalityFilter, parseSchema, customer, thing];
`;

/** What compiles. */
const sound: Readonly<Record<string, string>> = {
  item: `const one: Customer = { customerId: "1", email: "a", visits: 1, tier: "gold" };`,
  "optional-attributes": `const one: Customer = { customerId: "1", email: "a", visits: 1, tier: 3, phone: "1", tags: new Set(["a"]), photo: new Uint8Array(1) };`,
  "read-attributes": `const email: string = customer.email; const phone: string | undefined = customer.phone; const visits: number = customer.visits;`,
  key: `const key: CustomerKey = { customerId: "1" };`,
  "entity-by-discriminator": `if (thing.kind === "order") { const total: number = thing.total; void total; }`,
  "entity-items": `const one: Shop = { pk: "1", sk: "2", kind: "person", name: "x" };`,
  "filter-on-a-beacon": `const filter = equalityFilter(customers, { email: "a" }); const text: string = filter.FilterExpression;`,
  "filter-on-a-signed-attribute": `equalityFilter(customers, { tier: "gold", visits: 3 });`,
  "parsed-json": `const table = parseSchema({}); const item: ItemOf<typeof table> = {}; void item;`,
  "other-attributes": `const open = defineTable({ tableName: "open", partitionKey: "id", attributes: {}, otherAttributes: "ENCRYPT_AND_SIGN" }); const one: ItemOf<typeof open> = { id: "1", anything: 1 }; void one;`,
  "a-table-in-a-variable": `import type { TableInput } from "../../src/index.ts"; declare const input: TableInput; defineTable(input);`,
};

/** What does not, with a part of what the compiler says. */
const refused: readonly (readonly [name: string, text: string, says: string])[] = [
  [
    "misspelt-action",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SING" } });`,
    `"ENCRYPT_AND_SING"`,
  ],
  ["misspelt-long-action", `defineTable({ tableName: "t", partitionKey: "id", attributes: { email: { action: "SIGN" } } });`, `"SIGN"`],
  ["lower-case-action", `defineTable({ tableName: "t", partitionKey: "id", attributes: { email: "sign_only" } });`, `"sign_only"`],
  ["missing-partition-key", `defineTable({ tableName: "t", attributes: {} });`, "partitionKey"],
  ["missing-table-name", `defineTable({ partitionKey: "id", attributes: {} });`, "tableName"],
  ["missing-attributes", `defineTable({ tableName: "t", partitionKey: "id" });`, "attributes"],
  [
    "unknown-property",
    `defineTable({ tableName: "t", partitionKey: "id", sortkey: "x", attributes: {} });`,
    "sortkey is not a property of a table schema",
  ],
  [
    "unknown-attribute-property",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: { a: { action: "SIGN_ONLY", typ: "string" } } });`,
    "typ is not a property of an attribute",
  ],
  [
    "unknown-beacon-property",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: { a: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8, bits: 3 } } } });`,
    "bits is not a property of a beacon",
  ],
  [
    "beacon-without-length",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: { a: { action: "ENCRYPT_AND_SIGN", beacon: {} } } });`,
    "length",
  ],
  [
    "unknown-type",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: { a: { action: "SIGN_ONLY", type: "text" } } });`,
    `"text"`,
  ],
  ["unknown-suite", `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, algorithmSuite: "RSA" });`, `"RSA"`],
  [
    "other-attributes-unsigned",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, otherAttributes: "DO_NOTHING" });`,
    `"DO_NOTHING"`,
  ],
  ["misspelt-override", `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, plaintextOverride: "ALLOW" });`, `"ALLOW"`],
  [
    "index-read",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, indexes: { a: { partitionKey: "id", read: "whole" } } });`,
    `"whole"`,
  ],
  ["index-without-key", `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, indexes: { a: {} } });`, "partitionKey"],
  [
    "entity-without-when",
    `defineTable({ tableName: "t", partitionKey: "id", attributes: {}, entities: { a: { attributes: {} } } });`,
    "when",
  ],
  ["number-as-table", `defineTable(42);`, "number"],
  ["whole-item-as-key", `const key: CustomerKey = customer;`, "A key holds customerId only: leave email out."],
  ["item-literal-as-key", `const key: CustomerKey = { customerId: "1", phone: "2" };`, "A key holds customerId only: leave phone out."],
  ["key-without-partition-key", `const key: CustomerKey = {};`, "customerId"],
  ["key-of-another-type", `const key: CustomerKey = { customerId: 1 };`, "number"],
  ["unknown-key-attribute", `const key: CustomerKey = { customerId: "1", other: 1 };`, "other"],
  ["entity-attribute-in-key", `const key: KeyOf<typeof shop> = { pk: "1", sk: "2", total: 1 };`, "leave total out"],
  ["missing-attribute", `const one: Customer = { customerId: "1", email: "a", visits: 1 };`, "tier"],
  ["attribute-of-another-type", `const one: Customer = { customerId: "1", email: 1, visits: 1, tier: 1 };`, "number"],
  ["unknown-attribute", `const one: Customer = { customerId: "1", email: "a", visits: 1, tier: 1, e_mail: "b" };`, "e_mail"],
  ["array-as-set", `const one: Customer = { customerId: "1", email: "a", visits: 1, tier: 1, tags: ["a"] };`, "ReadonlySet"],
  ["text-as-binary", `const one: Customer = { customerId: "1", email: "a", visits: 1, tier: 1, photo: "abc" };`, "Uint8Array"],
  ["optional-read-as-present", `const phone: string = customer.phone;`, "undefined"],
  ["unknown-read", `const tier: string = customer.tier;`, "unknown"],
  ["entity-before-it-is-known", `const total: number = thing.total;`, "total"],
  ["entity-with-another-attribute", `const one: Shop = { pk: "1", sk: "2", kind: "person", name: "x", total: 1 };`, "total"],
  ["entity-unknown", `const one: Shop = { pk: "1", sk: "2", kind: "parcel", name: "x" };`, `"parcel"`],
  ["filter-without-beacon", `equalityFilter(customers, { phone: "1" });`, "phone is encrypted and has no beacon: add one"],
  [
    "filter-on-binary-without-beacon",
    `equalityFilter(customers, { photo: new Uint8Array(1) });`,
    "photo is encrypted and has no beacon: add one",
  ],
  ["filter-on-entity-without-beacon", `equalityFilter(shop, { total: 3 });`, "total is encrypted and has no beacon: add one"],
  ["filter-on-unknown", `equalityFilter(customers, { mail: "a" });`, "mail"],
  ["filter-of-another-type", `equalityFilter(customers, { visits: "3" });`, "string"],
  ["filter-on-no-table", `equalityFilter({ tableName: "customers" }, { visits: 3 });`, "tableName"],
];

/** As many attributes as a wide table has: the compiler must not slow down an editor. */
const wide = `defineTable({ tableName: "wide", partitionKey: "id", attributes: {
${Array.from({ length: 200 }, (_, index) => `a${index}: { action: "ENCRYPT_AND_SIGN", type: "string", optional: true },`).join("\n")}
} });`;

describe("the compiler", () => {
  let said: ReadonlyMap<string, readonly string[]>;
  beforeAll(() => {
    const all = [...Object.entries(sound), ...refused.map(([name, text]) => [name, text] as const)];
    const texts = Object.fromEntries(all.map(([name, text]) => [name, `${head}${text}\n`]));
    said = diagnosticsOf({
      ...texts,
      wide: `${head}const wide = ${wide}\nconst one: ItemOf<typeof wide> = { id: "1", a7: "x" };\nvoid one;\n`,
    });
  });

  it.each(Object.keys(sound))("takes %s", (name) => {
    expect(said.get(name)).toEqual([]);
  });

  it.each(refused)("refuses %s, and says why", (name, _text, says) => {
    expect(said.get(name)?.join("\n")).toContain(says);
  });

  it("takes a table of 200 attributes", () => {
    expect(said.get("wide")).toEqual([]);
  });
});
