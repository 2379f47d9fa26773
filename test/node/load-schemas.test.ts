import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSchemas } from "../../src/node/index.ts";
import { tablePlan } from "../../src/schema/index.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function schemaText(tableName: string): string {
  return JSON.stringify({ $schema: "./table.schema.json", tableName, partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" } });
}

function expectRefused(path: string, code: string, details: object): void {
  expect(() => loadSchemas(path)).toThrow(expect.objectContaining({ code, details: expect.objectContaining(details) }));
}

describe("a folder", () => {
  it("gives every *.table.json in the order of names, and nothing else", () => {
    write("b.table.json", schemaText("bees"));
    write("a.table.json", schemaText("ants"));
    write("Z.table.json", schemaText("zebras"));
    write("table.schema.json", "no schema of a table");
    write("notes.txt", "no schema at all");
    mkdirSync(join(folder, "deeper"));
    write("deeper/c.table.json", schemaText("cats"));
    expect(loadSchemas(folder).map(({ tableName }) => tableName)).toEqual(["zebras", "ants", "bees"]);
    expect(loadSchemas(pathToFileURL(folder))).toHaveLength(3);
  });

  it("of the examples loads", () => {
    const schemas = loadSchemas(new URL("../../schemas", import.meta.url));
    expect(schemas.map((schema) => tablePlan(schema).tableName)).toEqual(["customers", "orders", "searchable-customers"]);
  });

  it("without schemas is refused", () => {
    expectRefused(folder, "ERR_SCHEMA_FILE", { file: folder, reason: "the folder holds no *.table.json file" });
  });

  it("with two schemas of one table is refused", () => {
    const files = [write("a.table.json", schemaText("ants")), write("b.table.json", schemaText("ants"))];
    expectRefused(folder, "ERR_SCHEMA_DUPLICATE_TABLE", { table: "ants", files });
  });
});

describe("a file", () => {
  it("may have any name that ends in .json, and begin with a byte order mark", () => {
    expect(loadSchemas(write("ants.json", `\uFEFF${schemaText("ants")}`)).map(({ tableName }) => tableName)).toEqual(["ants"]);
  });

  it("may name an attribute __proto__", () => {
    const file = write("t.table.json", '{"tableName":"t","partitionKey":"p","attributes":{"__proto__":"ENCRYPT_AND_SIGN"}}');
    expect(loadSchemas(file).map((schema) => tablePlan(schema).actions.get("__proto__"))).toEqual(["ENCRYPT_AND_SIGN"]);
  });

  it("that is not JSON is refused with line and column", () => {
    const file = write("t.table.json", '{\n  "tableName": "t",\n  "partitionKey": "p"\n  "attributes": {}\n}\n');
    expectRefused(file, "ERR_SCHEMA_SYNTAX", { file, line: 4, column: 3 });
    expect(() => loadSchemas(file)).toThrow(`${file}:4:3: a comma or } is expected`);
  });

  it("that takes an attribute's encryption back further down is refused", () => {
    const attributes = '{"email": "ENCRYPT_AND_SIGN",\n "email": "DO_NOTHING"}';
    const file = write("t.table.json", `{"tableName": "t", "partitionKey": "p", "attributes": ${attributes}}`);
    expectRefused(file, "ERR_SCHEMA_SYNTAX", { file, line: 2, column: 2, problem: 'the name "email" stands here a second time' });
  });

  it("that breaks a rule is named in the error", () => {
    const file = write("t.table.json", '{"tableName": "t", "partitionKey": "p", "attributes": {"p": "ENCRYPT_AND_SIGN"}}');
    expectRefused(file, "ERR_SCHEMA_INVALID", { file, path: "attributes.p" });
    expect(() => loadSchemas(file)).toThrow(
      `${file}: attributes.p: is ENCRYPT_AND_SIGN, but is a key; write "SIGN_ONLY", or leave the key out.`,
    );
  });

  it.each<[string, () => string, string]>([
    ["that does not exist", () => join(folder, "none.table.json"), "there is no such file or folder"],
    ["of another kind", () => write("schema.yaml", "a: b"), "its name does not end in .json"],
    ["that is not UTF-8", () => write("t.table.json", new Uint8Array([0x22, 0xff, 0x22])), "the file is not UTF-8"],
    [
      "that is too large",
      () => {
        const file = write("t.table.json", "");
        truncateSync(file, 4 * 1024 * 1024 + 1);
        return file;
      },
      "the file holds 4194305 bytes, more than 4194304",
    ],
  ])("%s is refused", (_, make, reason) => {
    const file = make();
    expectRefused(file, "ERR_SCHEMA_FILE", { file, reason });
  });

  it("that is a folder among the schemas is refused", () => {
    mkdirSync(join(folder, "t.table.json"));
    expectRefused(folder, "ERR_SCHEMA_FILE", { file: join(folder, "t.table.json"), reason: "it is no regular file" });
  });
});
