import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSchemas } from "../../src/node/index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-include-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

const table = { tableName: "customers", partitionKey: "customerId", attributes: { tier: "SIGN_ONLY" } };

describe("include", () => {
  it("adds the attributes of files beside the schema, and is no part of the result", () => {
    mkdirSync(join(folder, "shared"));
    write("shared/personal.attributes.json", {
      $schema: "x",
      attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } },
    });
    write("payment.attributes.json", { attributes: { iban: "ENCRYPT_AND_SIGN" } });
    const file = write("customers.table.json", { ...table, include: ["./shared/personal.attributes.json", "payment.attributes.json"] });
    const [schema] = loadSchemas(file);
    expect(JSON.parse(JSON.stringify(schema))).toEqual({
      ...table,
      attributes: { tier: "SIGN_ONLY", email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } }, iban: "ENCRYPT_AND_SIGN" },
    });
  });

  it("leaves files alone that no schema includes", () => {
    write("personal.attributes.json", "no JSON");
    write("customers.table.json", table);
    expect(loadSchemas(folder)).toHaveLength(1);
  });

  it("takes an attribute called __proto__", () => {
    write("odd.attributes.json", '{ "attributes": { "__proto__": "ENCRYPT_AND_SIGN" } }');
    const [schema] = loadSchemas(write("customers.table.json", { ...table, include: ["odd.attributes.json"] }));
    expect(Object.keys(schema?.attributes ?? {})).toEqual(["tier", "__proto__"]);
  });

  it.each([
    ["the table's own", { tier: "ENCRYPT_AND_SIGN" }, {}],
    ["one of another file, though both say the same", { email: "ENCRYPT_AND_SIGN" }, { email: "ENCRYPT_AND_SIGN" }],
  ])("refuses an attribute that is %s", (_what, a, b) => {
    write("a.attributes.json", { attributes: a });
    write("b.attributes.json", { attributes: b });
    const file = write("customers.table.json", { ...table, include: ["a.attributes.json", "b.attributes.json"] });
    expect(() => loadSchemas(file)).toThrow(
      expect.objectContaining({ code: "ERR_SCHEMA_INVALID", message: expect.stringContaining("is defined in") }),
    );
  });

  it.each([
    ["a file that is not there", ["none.attributes.json"], undefined, "ERR_SCHEMA_FILE"],
    ["a file of another kind", ["a.json"], '{ "attributes": {} }', "ERR_SCHEMA_FILE"],
    ["a file that is not JSON", ["a.attributes.json"], "{", "ERR_SCHEMA_SYNTAX"],
    [
      "a file that names an attribute twice",
      ["a.attributes.json"],
      '{"attributes":{"a":"SIGN_ONLY","a":"DO_NOTHING"}}',
      "ERR_SCHEMA_SYNTAX",
    ],
    ["a file with an unknown action", ["a.attributes.json"], '{"attributes":{"a":"SIGN"}}', "ERR_SCHEMA_INVALID"],
    ["a file that includes another one", ["a.attributes.json"], '{"attributes":{},"include":["b.attributes.json"]}', "ERR_SCHEMA_INVALID"],
    ["what is not a text", [42], undefined, "ERR_SCHEMA_INVALID"],
    ["nothing", [], undefined, "ERR_SCHEMA_INVALID"],
    ["more than a hundred files", Array.from({ length: 101 }, () => "a.attributes.json"), '{"attributes":{}}', "ERR_SCHEMA_INVALID"],
  ])("refuses %s", (_what, include, content, code) => {
    if (content !== undefined) write(String(include[0]), content);
    const file = write("customers.table.json", { ...table, include });
    expect(() => loadSchemas(file)).toThrow(expect.objectContaining({ code }));
  });
});
