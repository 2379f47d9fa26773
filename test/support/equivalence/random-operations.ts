import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { ExpressionCase } from "../expression-arbitraries.ts";
import type { IndexChoice, KeyChoice, Operation, PageOptions, ReturnValues, SortChoice, TransactAction } from "./operation.ts";
import { anyCondition } from "./random-conditions.ts";
import { anyProjection } from "./random-projections.ts";
import { anyUpdate } from "./random-updates.ts";
import { anyItem } from "./random-values.ts";

const key: fc.Arbitrary<KeyChoice> = fc.record({
  index: fc.nat({ max: 3 }),
  spelling: fc.nat({ max: 1 }),
  fault: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 60 },
    { arbitrary: fc.constantFrom("missing", "extra", "type", "empty"), weight: 1 },
  ),
});
/** DynamoDB Local does not see that two spellings are one key. */
const spelledKey = key.map((one) => ({ ...one, spelling: 0 }));
/** Keys of one request; the service refuses one twice. */
const keys = <T>(
  of: (key: fc.Arbitrary<KeyChoice>) => fc.Arbitrary<T>,
  keyOf: (one: T) => KeyChoice,
  maxLength: number,
): fc.Arbitrary<T[]> =>
  fc.oneof(
    { arbitrary: fc.uniqueArray(of(key), { minLength: 1, maxLength, selector: (one) => keyOf(one).index }), weight: 30 },
    { arbitrary: fc.array(of(spelledKey), { minLength: 1, maxLength }), weight: 1 },
  );

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: value, weight: 1 });

function conditional(prefix: string): { condition: fc.Arbitrary<ExpressionCase | undefined>; returnOnFailure: fc.Arbitrary<boolean> } {
  return { condition: maybe(anyCondition(prefix)), returnOnFailure: fc.boolean() };
}

const putParts = { key, item: anyItem(), ...conditional("c") };
const deleteParts = { key, ...conditional("c") };
const updateParts = {
  key,
  update: fc.option(anyUpdate("u"), { nil: undefined, freq: 30 }),
  whereMissing: fc.constantFrom("create" as const, "refuse" as const),
  context: fc.constantFrom<AttributeValue>({ S: "context" }, { N: "1.0" }, { BOOL: true }, { B: Uint8Array.of(1, 2) }),
  ...conditional("c"),
};
const oldOnly = fc.constantFrom<ReturnValues>(undefined, "ALL_OLD", "ALL_OLD", "NONE");
const allFive = fc.constantFrom<ReturnValues>(undefined, "NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW");
const documents = { throughDocuments: fc.constantFrom(false, false, true) };

function transactAction(own: fc.Arbitrary<KeyChoice>): fc.Arbitrary<TransactAction> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ ...putParts, kind: fc.constant("Put" as const), key: own, condition: rarely(anyCondition("c")) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        ...updateParts,
        kind: fc.constant("Update" as const),
        key: own,
        condition: rarely(anyCondition("c")),
        update: anyUpdate("u"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ ...deleteParts, kind: fc.constant("Delete" as const), key: own, condition: rarely(anyCondition("c")) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("ConditionCheck" as const),
        key: own,
        condition: anyCondition("c"),
        returnOnFailure: fc.boolean(),
      }),
    },
  );
}

const pageOptions = {
  filter: maybe(anyCondition("f")),
  projection: rarely(anyProjection("p")),
  select: fc.constantFrom<PageOptions["select"]>(undefined, undefined, undefined, "COUNT", "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"),
  limit: maybe(fc.integer({ min: 1, max: 3 })),
  consistent: fc.boolean(),
  careless: fc.constantFrom(...Array.from({ length: 19 }, () => false), true),
};

const sort: fc.Arbitrary<SortChoice> = fc.record({
  comparator: fc.constantFrom("=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"),
  values: fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 })),
});

/** What a scenario begins with: most of its few items. */
export function firstOperations(): fc.Arbitrary<readonly Operation[]> {
  const put = (index: number): fc.Arbitrary<Operation | undefined> =>
    fc.option(
      anyItem().map(
        (item): Operation => ({
          kind: "PutItem",
          throughDocuments: false,
          key: { index, spelling: 0, fault: undefined },
          item,
          condition: undefined,
          returnOnFailure: false,
          returnValues: undefined,
        }),
      ),
      { nil: undefined, freq: 3 },
    );
  return fc.tuple(put(0), put(1), put(2), put(3)).map((puts) => puts.filter((one) => one !== undefined));
}

export function anyOperation(): fc.Arbitrary<Operation> {
  const kind = <Kind extends Operation["kind"]>(name: Kind): { kind: fc.Arbitrary<Kind> } => ({ kind: fc.constant(name) });
  return fc.oneof(
    { weight: 20, arbitrary: fc.record({ ...documents, ...kind("PutItem"), ...putParts, returnValues: oldOnly }) },
    { weight: 22, arbitrary: fc.record({ ...documents, ...kind("UpdateItem"), ...updateParts, returnValues: allFive }) },
    { weight: 3, arbitrary: fc.record({ ...documents, ...kind("DeleteItem"), ...deleteParts, returnValues: oldOnly }) },
    {
      weight: 8,
      arbitrary: fc.record({ ...documents, ...kind("GetItem"), key, projection: maybe(anyProjection("p")), consistent: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...documents,
        ...kind("BatchGetItem"),
        keys: keys(
          (one) => one,
          (one) => one,
          4,
        ),
        projection: maybe(anyProjection("p")),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...documents,
        ...kind("BatchWriteItem"),
        writes: keys(
          (one) => fc.record({ key: one, item: fc.option(anyItem(), { nil: undefined, freq: 3 }) }),
          (one) => one.key,
          3,
        ),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...documents,
        ...kind("TransactGetItems"),
        gets: keys(
          (one) => fc.record({ key: one, projection: maybe(anyProjection("p")) }),
          (one) => one.key,
          3,
        ),
      }),
    },
    {
      weight: 12,
      arbitrary: fc.record({
        ...documents,
        ...kind("TransactWriteItems"),
        actions: keys(transactAction, (one) => one.key, 4),
        token: fc.constantFrom("none", "none", "none", "given", "repeated"),
      }),
    },
    {
      weight: 14,
      arbitrary: fc.record({
        ...documents,
        ...kind("Query"),
        ...pageOptions,
        index: fc.constantFrom<IndexChoice>(undefined, undefined, "byTag", "byGroup"),
        partition: fc.nat({ max: 1 }),
        sort: maybe(sort),
        forward: fc.constantFrom(undefined, true, false),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        ...documents,
        ...kind("Scan"),
        ...pageOptions,
        index: fc.constantFrom<IndexChoice>(undefined, undefined, "byTag", "byGroup"),
        segments: fc.integer({ min: 1, max: 3 }),
      }),
    },
  ) as fc.Arbitrary<Operation>;
}
