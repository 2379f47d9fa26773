import { describe, expect, it } from "vitest";
import { schemaTypes } from "../../src/schema-tools/index.ts";
import { diagnosticsOf } from "../types/diagnostics.ts";

const customers = {
  tableName: "customers",
  partitionKey: "customerId",
  attributes: {
    customerId: { action: "SIGN_ONLY", type: "string" },
    email: { action: "ENCRYPT_AND_SIGN", type: "string" },
    phone: { action: "ENCRYPT_AND_SIGN", type: "string", optional: true },
    "odd-name": "SIGN_ONLY",
    tags: { action: "SIGN_ONLY", type: "stringSet", optional: true },
  },
} as const;

const shop = {
  tableName: "shop-items",
  partitionKey: "pk",
  sortKey: "sk",
  attributes: { kind: { action: "SIGN_ONLY", type: "string" } },
  entities: {
    order: { when: { kind: "order" }, attributes: { total: { action: "ENCRYPT_AND_SIGN", type: "number" } } },
    "order-line": { when: { kind: "line" }, attributes: { sku: { action: "SIGN_ONLY", type: "string" } } },
  },
} as const;

describe("types of a schema", () => {
  it("are those of its items and keys", () => {
    expect(
      schemaTypes(customers, { file: "customers.table.json" }),
    ).toBe(`// Made by "dynaseal schema types" from "customers.table.json": change the schema and make it anew.

export type Customer = {
  customerId: string;
  email: string;
  phone?: string;
  "odd-name": unknown;
  tags?: ReadonlySet<string>;
};

export type CustomerKey = {
  customerId: string;
};
`);
  });

  it("compile, and hold items to their entity", () => {
    const texts = {
      customers: `${schemaTypes(customers, { file: "a" })}export const one: Customer = { customerId: "1", email: "a", "odd-name": 3 };`,
      shop: `${schemaTypes(shop, { file: "a" })}export const total = (item: ShopItem): number => (item.kind === "order" ? item.total : 0); export const key: ShopItemKey = { pk: "1", sk: 2 };`,
      wrong: `${schemaTypes(shop, { file: "a" })}export const one: ShopItemOrderLine = { pk: "1", sk: 2, kind: "line", total: 3 };`,
    };
    const said = diagnosticsOf(texts);
    expect(said.get("customers")).toEqual([]);
    expect(said.get("shop")).toEqual([]);
    expect(said.get("wrong")?.join(" ")).toContain("total");
  });

  it.each([
    ["orders", "Order"],
    ["addresses", "Address"],
    ["companies", "Company"],
    ["status", "Status"],
    ["order_lines.v2", "OrderLinesV2"],
    ["2024-orders", "Item2024Order"],
  ])("of the table %s are called %s", (tableName, name) => {
    expect(schemaTypes({ ...customers, tableName }, { file: "a" })).toContain(`export type ${name}Key = `);
  });

  it("take a name", () => {
    expect(schemaTypes(customers, { file: "a", name: "Client" })).toContain("export type ClientKey");
  });

  it("let nothing of a schema out of its text", () => {
    const odd = { ...customers, attributes: { '"; export const x = 1; "': "SIGN_ONLY", "line\nbreak": "SIGN_ONLY" } };
    const said = diagnosticsOf({ odd: schemaTypes(odd, { file: "a\nexport const y = 1;" }) });
    expect(said.get("odd")).toEqual([]);
    expect(schemaTypes(odd, { file: "a\nb" })).not.toMatch(/^(?:export const|b)/m);
  });
});
