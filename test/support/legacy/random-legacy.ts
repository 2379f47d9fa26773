import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";

/** A request with parameters from before expressions, for a table that is named when it is sent. */
export interface LegacyRequest {
  readonly operation: "PutItem" | "UpdateItem" | "DeleteItem" | "GetItem" | "BatchGetItem" | "Query" | "Scan";
  readonly input: Readonly<Record<string, unknown>>;
}

/** Of every action, with a name that would be a path, one that is reserved, and one that no item has. */
export const legacyNames: readonly string[] = [
  "text",
  "number",
  "tags",
  "list",
  "map",
  "signed",
  "open",
  "counter",
  "a.b",
  "order",
  "absent",
];

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("", "a", "ab", "b", "bc").map((S) => ({ S })) },
  { weight: 4, arbitrary: fc.constantFrom("0", "1", "2", "1.0", "-3").map((N) => ({ N })) },
  { weight: 1, arbitrary: fc.constantFrom([], [97], [97, 98]).map((bytes) => ({ B: Uint8Array.from(bytes) })) },
  { weight: 2, arbitrary: fc.constantFrom<AttributeValue>({ SS: ["a"] }, { SS: ["a", "b"] }, { NS: ["1", "2"] }) },
  { weight: 2, arbitrary: fc.constantFrom<AttributeValue>({ L: [] }, { L: [{ S: "a" }] }, { L: [{ N: "1" }, { S: "b" }] }) },
  { weight: 1, arbitrary: fc.constantFrom<AttributeValue>({ BOOL: true }, { NULL: true }, { M: { x: { S: "a" } } }) },
);

/** Values of the type that an attribute mostly has, so that conditions hold as well as fail. */
const fitting: Readonly<Record<string, fc.Arbitrary<AttributeValue>>> = {
  text: fc.constantFrom("a", "ab", "b").map((S) => ({ S })),
  signed: fc.constantFrom("a", "ab", "b").map((S) => ({ S })),
  "a.b": fc.constantFrom("a", "ab").map((S) => ({ S })),
  order: fc.constantFrom("a", "b").map((S) => ({ S })),
  number: fc.constantFrom("1", "2", "1.0").map((N) => ({ N })),
  counter: fc.constantFrom("1", "2").map((N) => ({ N })),
  tags: fc.constantFrom<AttributeValue>({ SS: ["a"] }, { SS: ["a", "b"] }, { SS: ["b"] }),
  list: fc.constantFrom<AttributeValue>({ L: [{ S: "a" }] }, { L: [{ N: "1" }] }),
  map: fc.constantFrom<AttributeValue>({ M: { x: { S: "a" } } }, { M: {} }),
};

function valueFor(name: string): fc.Arbitrary<AttributeValue> {
  const own = fitting[name];
  return own === undefined ? value : fc.oneof({ weight: 3, arbitrary: own }, { weight: 1, arbitrary: value });
}

const name = fc.constantFrom(...legacyNames);
const key = fc.constantFrom("k0", "k1").map((S) => ({ pk: { S } }));

const comparison = (attribute: string): fc.Arbitrary<object> => {
  const one = valueFor(attribute).map((only) => [only]);
  const part = fc.constantFrom<AttributeValue>({ S: "a" }, { S: "b" }, { N: "1" }).map((only) => [only]);
  const operator = (names: readonly string[], values: fc.Arbitrary<AttributeValue[]>): fc.Arbitrary<object> =>
    fc
      .tuple(fc.constantFrom(...names), values)
      .map(([ComparisonOperator, AttributeValueList]) => ({ ComparisonOperator, AttributeValueList }));
  return fc.oneof(
    { weight: 6, arbitrary: operator(["EQ", "NE", "LT", "LE", "GT", "GE"], one) },
    { weight: 3, arbitrary: operator(["CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"], part) },
    { weight: 3, arbitrary: fc.constantFrom("NULL", "NOT_NULL").map((ComparisonOperator) => ({ ComparisonOperator })) },
    { weight: 2, arbitrary: operator(["IN"], fc.array(valueFor(attribute), { minLength: 0, maxLength: 3 })) },
    { weight: 2, arbitrary: operator(["BETWEEN"], fc.array(valueFor(attribute), { minLength: 2, maxLength: 2 })) },
    // What no operator takes.
    { weight: 1, arbitrary: operator(["EQ", "BETWEEN", "NULL", "CONTAINS", "LT", "NONE"], fc.array(value, { maxLength: 3 })) },
  );
};

const expectation = (attribute: string): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 4, arbitrary: comparison(attribute) },
    { weight: 3, arbitrary: valueFor(attribute).map((Value) => ({ Value })) },
    { weight: 2, arbitrary: fc.constant({ Exists: false }) },
    { weight: 1, arbitrary: valueFor(attribute).map((Value) => ({ ComparisonOperator: "GE", Value })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<object>({}, { Exists: true }, { Exists: false, Value: { S: "a" } }, { AttributeValueList: [{ S: "a" }] }),
    },
  );

/** What ADD mostly takes. */
const addable: readonly string[] = ["number", "counter", "tags", "list"];

type Conditions = Readonly<Record<string, object>>;

const conditions = (one: (attribute: string) => fc.Arbitrary<object>): fc.Arbitrary<Conditions> =>
  fc
    .uniqueArray(name, { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((attribute) => one(attribute).map((condition): [string, object] => [attribute, condition]))))
    .map((entries) => Object.fromEntries(entries));

/** With an operator between them, which the service takes only where there are two. */
const withOperator = (parameter: string, one: (attribute: string) => fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant({}) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(conditions(one), fc.constantFrom(undefined, undefined, "AND", "OR", "OR"), fc.nat({ max: 9 }))
        .map(([all, chosen, careful]): [Conditions, string | undefined] => [
          all,
          Object.keys(all).length > 1 || careful === 0 ? chosen : undefined,
        ])
        .map(([all, ConditionalOperator]) => ({ [parameter]: all, ...(ConditionalOperator === undefined ? {} : { ConditionalOperator }) })),
    },
  );

/** At least one: DynamoDB Local ends with an internal failure where an expression of nothing is to return what it updated. */
const updates = fc.uniqueArray(name, { minLength: 1, maxLength: 3 }).chain((names) =>
  fc
    .tuple(
      ...names.map((attribute) =>
        fc
          .oneof(
            { weight: 8, arbitrary: valueFor(attribute).map((Value): object => ({ Action: "PUT", Value })) },
            { weight: 1, arbitrary: valueFor(attribute).map((Value): object => ({ Value })) },
            {
              weight: addable.includes(attribute) ? 8 : 1,
              arbitrary: valueFor(attribute).map((Value): object => ({ Action: "ADD", Value })),
            },
            { weight: 2, arbitrary: fc.constant<object>({ Action: "DELETE" }) },
            {
              weight: attribute === "tags" ? 4 : 1,
              arbitrary: valueFor(attribute).map((Value): object => ({ Action: "DELETE", Value })),
            },
            { weight: 1, arbitrary: fc.constantFrom<object>({}, { Action: "ADD" }) },
          )
          .map((action): [string, object] => [attribute, action]),
      ),
    )
    .map((entries) => Object.fromEntries(entries)),
);

const item = fc
  .uniqueArray(name, { minLength: 3, maxLength: legacyNames.length })
  .chain((names) =>
    fc
      .tuple(...names.filter((one) => one !== "absent").map((one) => valueFor(one).map((given): [string, AttributeValue] => [one, given])))
      .map((entries) => Object.fromEntries(entries)),
  );
const projected = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom("pk", ...legacyNames), { minLength: 1, maxLength: 3 })
      .map((AttributesToGet) => ({ AttributesToGet })),
  },
);
const oldOnly = fc.constantFrom({}, { ReturnValues: "ALL_OLD" });
const returned = fc.constantFrom({}, ...["ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"].map((ReturnValues) => ({ ReturnValues })));
const partition = { pk: { ComparisonOperator: "EQ", AttributeValueList: [{ S: "k0" }] } };

function request(operation: LegacyRequest["operation"], ...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<LegacyRequest> {
  return fc.tuple(...parts).map((members) => ({ operation, input: Object.assign({}, ...members) }));
}

export function anyLegacyRequest(): fc.Arbitrary<LegacyRequest> {
  const Key = key.map((chosen) => ({ Key: chosen }));
  return fc.oneof(
    {
      weight: 4,
      arbitrary: request(
        "PutItem",
        fc.tuple(key, item).map(([pk, rest]) => ({ Item: { ...pk, ...rest } })),
        withOperator("Expected", expectation),
        oldOnly,
      ),
    },
    {
      weight: 6,
      arbitrary: request(
        "UpdateItem",
        Key,
        updates.map((AttributeUpdates) => ({ AttributeUpdates })),
        withOperator("Expected", expectation),
        returned,
      ),
    },
    { weight: 1, arbitrary: request("DeleteItem", Key, withOperator("Expected", expectation), oldOnly) },
    { weight: 2, arbitrary: request("GetItem", Key, projected) },
    {
      weight: 1,
      arbitrary: request(
        "BatchGetItem",
        projected.map((more) => ({ Keys: ["k0", "k1"].map((S) => ({ pk: { S } })), ...more })),
      ),
    },
    { weight: 3, arbitrary: request("Scan", withOperator("ScanFilter", comparison), projected) },
    {
      weight: 3,
      arbitrary: request("Query", fc.constant({ KeyConditions: partition }), withOperator("QueryFilter", comparison), projected),
    },
  );
}
