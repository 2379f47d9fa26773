import fc from "fast-check";
import type { CryptoAction } from "../../../src/schema/index.ts";
import { defineTable, type TableSchema } from "../../../src/schema/index.ts";
import { contextAttribute, freeAttributes, indexAttributes } from "./attribute-pool.ts";

export type KeyType = "S" | "N" | "B";

/** What tables have in common whose rows can be kept in one physical table. */
export interface TableShape {
  readonly partitionType: KeyType;
  /** `undefined`: no sort key. */
  readonly sortType: KeyType | undefined;
}

/** A table of a scenario. */
export interface TableModel extends TableShape {
  readonly schema: TableSchema;
  /** What the encrypted table's index `byGroup` holds of an item; the plain table's holds it whole. */
  readonly partProjection: PartProjection;
  /** The option of the encrypted client. */
  readonly verifyConditions: boolean;
}

export type PartProjection = "KEYS_ONLY" | "INCLUDE";

export const logicalName = "things";

const keyType = fc.constantFrom<KeyType>("S", "S", "N", "B");
const freeAction = fc.constantFrom<CryptoAction>(
  ...(["ENCRYPT_AND_SIGN", "ENCRYPT_AND_SIGN", "ENCRYPT_AND_SIGN"] as const),
  ...(["SIGN_ONLY", "DO_NOTHING", "DO_NOTHING"] as const),
);
const indexAction = fc.constantFrom<CryptoAction>("SIGN_ONLY", "DO_NOTHING");
const contextAction = fc.constantFrom<CryptoAction>(
  ...(["ENCRYPT_AND_SIGN", "SIGN_ONLY", "DO_NOTHING", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"] as const),
);

function actionsOf(
  names: readonly string[],
  action: fc.Arbitrary<CryptoAction>,
): fc.Arbitrary<readonly (readonly [string, CryptoAction])[]> {
  return fc.tuple(...names.map((name) => action.map((chosen) => [name, chosen] as const)));
}

export function anyTable(): fc.Arbitrary<TableModel> {
  return fc
    .record({
      partitionType: keyType,
      sortType: fc.option(keyType, { nil: undefined, freq: 2 }),
      free: actionsOf(freeAttributes, freeAction),
      /** Which of the free attributes the schema names, where it says what happens to others. */
      named: fc.subarray([...freeAttributes]),
      index: actionsOf(indexAttributes, indexAction),
      context: actionsOf([contextAttribute], contextAction),
      otherAttributes: fc.constantFrom("ENCRYPT_AND_SIGN", "SIGN_ONLY", undefined, undefined),
      algorithmSuite: fc.constantFrom("HMAC", "HMAC", "HMAC", "HMAC", "ECDSA"),
      partProjection: fc.constantFrom<PartProjection>("KEYS_ONLY", "INCLUDE"),
      verifyConditions: fc.constantFrom(false, false, true),
    })
    .map(({ partitionType, sortType, free, named, index, context, otherAttributes, algorithmSuite, ...client }) => {
      const kept = otherAttributes === undefined ? free : free.filter(([name]) => named.includes(name));
      const schema = defineTable({
        tableName: logicalName,
        partitionKey: "pk",
        ...(sortType === undefined ? {} : { sortKey: "sk" }),
        attributes: Object.fromEntries([...kept, ...index, ...context]),
        ...(otherAttributes === undefined ? {} : { otherAttributes }),
        algorithmSuite,
      });
      return { partitionType, sortType, schema, ...client };
    });
}

/** The action of an attribute as the schema has it, read here anew; `undefined` for the keys. */
export function actionIn({ schema }: TableModel, attribute: string): CryptoAction | undefined {
  if (attribute === schema.partitionKey || attribute === schema.sortKey) return undefined;
  const named = Object.hasOwn(schema.attributes, attribute) ? schema.attributes[attribute] : undefined;
  return typeof named === "object" ? named.action : (named ?? schema.otherAttributes);
}
