import * as sdk from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { type Members, requestShapes, type Shape } from "../../src/client/request-shapes.ts";
import { operationTable } from "../../src/operations/index.ts";

/** A schema of the SDK: `[kind, namespace, name, traits, …]`, one of its numbers, a function that gives one, or one with traits. */
type Schema = number | (() => Schema) | readonly [Schema, unknown] | readonly [number, string, string, unknown, unknown, unknown?];
type Model = { readonly [name: string]: readonly [number, string, string, unknown, Schema, Schema] };
const model = sdk as unknown as Model;

const [string, boolean, list, map] = [0, 2, 64, 128];

/** What the model says of a member, in the words of our list. */
function shapeOf(schema: Schema, within: readonly string[] = []): Shape {
  if (typeof schema === "function") return shapeOf(schema(), within);
  if (typeof schema === "number") {
    if (schema >= map) return { map: shapeOf(schema - map, within) };
    if (schema >= list) return { list: shapeOf(schema - list, within) };
    return schema === string ? "text" : "scalar";
  }
  if (schema.length === 2) return shapeOf(schema[0], within);
  const [kind, , name, , first, second] = schema;
  if (name === "AttributeValue") return "value";
  if (kind === 1) return { list: shapeOf(first as Schema, within) };
  if (kind === 2) {
    const of = shapeOf(second as Schema, within);
    return of === "value" ? "attributes" : { map: of };
  }
  if (kind !== 3) return (first as number) === string ? "text" : "scalar";
  expect(within, "a structure within itself").not.toContain(name);
  return { members: membersOf(first as readonly string[], second as readonly Schema[], [...within, name]) };
}

function membersOf(names: readonly string[], schemas: readonly Schema[], within: readonly string[]): Members {
  return Object.fromEntries(names.map((name, index) => [name, shapeOf(schemas[index] ?? boolean, within)]));
}

function inputOf(operation: string): Members {
  const input = shapeOf(model[`${operation}$`]?.[4] ?? 0);
  return typeof input === "object" && "members" in input ? input.members : {};
}

const carriesValues = (shape: Shape): boolean =>
  typeof shape === "string"
    ? shape === "value" || shape === "attributes"
    : Object.values("members" in shape ? shape.members : shape).some(carriesValues);

/** Our list says of items that a request needs them, which the model does not. */
const withoutNeeds = (members: Members): Members => JSON.parse(JSON.stringify(members).replaceAll('"item"', '"attributes"')) as Members;

test("every operation whose model has AttributeValues in its input is listed, and nothing else", () => {
  const carriers = [...operationTable.keys()].filter((operation) => Object.values(inputOf(operation)).some(carriesValues));
  const transformed = [...operationTable].filter(([, { kind }]) => kind === "transformed").map(([operation]) => operation);
  const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();
  expect(carriers.length).toBeGreaterThan(10);
  expect(sorted(requestShapes.keys())).toEqual(sorted([...carriers, ...transformed]));
});

test.each([...requestShapes.keys()])("%s has the members of the model", (operation) => {
  const listed = withoutNeeds(requestShapes.get(operation) ?? {});
  const given = inputOf(operation);
  // Of an export only the filter carries values; the rest of it is plain data.
  expect(operation === "ExportTableToPointInTime" ? { ...given, ...listed } : listed).toEqual(given);
});

test("names of items are those that the model requires", () => {
  const wanted = JSON.stringify([...requestShapes]).match(/"(\w+)":"item"/g);
  expect(wanted).toEqual(['"Item":"item"', '"Item":"item"', '"Item":"item"']);
});
