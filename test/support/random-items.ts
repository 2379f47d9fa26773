import fc from "fast-check";
import { type AttributeMap, type AttributeValue, attributeMap } from "../../src/attributes/index.ts";
import type { CryptoAction } from "../../src/schema/index.ts";
import type { JavaConfig, JavaKeyring } from "./java-config.ts";
import { anyAttributeValue, anyNumber, anyText } from "./random-values.ts";

/** A table's configuration and an item that it takes. */
export interface ConfiguredItem {
  readonly config: JavaConfig;
  readonly item: AttributeMap;
}

/** How an attribute may be configured: not at all means that only the lists of unsigned attributes allow it. */
type Treatment = CryptoAction | "NOT_CONFIGURED";

interface AttributeDraw {
  readonly name: string;
  readonly value: AttributeValue;
  readonly treatment: Treatment;
  /** A configured attribute that this item does not have. */
  readonly absent: boolean;
}

const longestNesting = 25;

/**
 * Any configuration of either format and suite, with an item for it: keys of every type, every action, attributes
 * configured but absent, unsigned ones by name and by prefix, values of every type and nested deeply.
 *
 * @param keyring what the items are encrypted under; raw AES in all sizes if absent
 */
export function anyConfiguredItem(keyring: fc.Arbitrary<JavaKeyring> = anyRawAesKeyring()): fc.Arbitrary<ConfiguredItem> {
  return fc
    .record({
      names: fc.uniqueArray(anyName(), { minLength: 2, maxLength: 2 }),
      partitionKey: anyKeyValue(),
      sortKey: fc.option(anyKeyValue(), { nil: undefined }),
      logicalTableName: anyText().filter((text) => text !== ""),
      suite: fc.constantFrom("0x6700", "0x6701"),
      inContext: fc.boolean(),
      prefix: fc.constantFrom(undefined, ":", "_"),
      attributes: fc.uniqueArray(anyAttribute(), { maxLength: 10, selector: ({ name }) => name }),
      keyring,
    })
    .map(({ names: [pk = "pk", sk = "sk"], partitionKey, sortKey, logicalTableName, suite, inContext, prefix, attributes, keyring }) => {
      const keyAction: CryptoAction = inContext ? "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" : "SIGN_ONLY";
      const hasPrefix = (name: string): boolean => prefix !== undefined && name.startsWith(prefix);
      // A key that begins with the prefix would have to be unsigned, so it gives way.
      const partitionKeyName = hasPrefix(pk) ? `k${pk}` : pk;
      const sortKeyName = hasPrefix(sk) ? `l${sk}` : sk;
      const others = attributes
        .filter(({ name }) => name !== partitionKeyName && name !== sortKeyName)
        .map((attribute) => ({ ...attribute, treatment: treatment(attribute, inContext, hasPrefix(attribute.name)) }));
      const keys: readonly (readonly [string, AttributeValue])[] =
        sortKey === undefined
          ? [[partitionKeyName, partitionKey]]
          : [
              [partitionKeyName, partitionKey],
              [sortKeyName, sortKey],
            ];
      const actions: readonly (readonly [string, CryptoAction])[] = [
        ...keys.map(([name]) => [name, keyAction] as const),
        ...others.flatMap(({ name, treatment }) => (treatment === "NOT_CONFIGURED" ? [] : [[name, treatment] as const])),
      ];
      const unsigned = others.filter(({ name, treatment }) => isUnsigned(treatment) && !hasPrefix(name)).map(({ name }) => name);
      return {
        config: {
          logicalTableName,
          partitionKeyName,
          ...(sortKey !== undefined && { sortKeyName }),
          algorithmSuiteId: suite,
          attributeActionsOnEncrypt: Object.fromEntries(actions),
          ...(unsigned.length > 0 && { allowedUnsignedAttributes: unsigned }),
          ...(prefix !== undefined && { allowedUnsignedAttributePrefix: prefix }),
          keyring,
        },
        item: attributeMap([...keys, ...others.filter(isPresent).map(({ name, value }) => [name, value] as const)]),
      };
    });
}

export function anyRawAesKeyring(): fc.Arbitrary<JavaKeyring> {
  return fc.record({ wrappingKey: anyWrappingKey(), keyName: anyText().filter((text) => text !== "") }).map(({ wrappingKey, keyName }) => ({
    type: "raw-aes",
    keyNamespace: "random",
    keyName,
    wrappingKey: Buffer.from(wrappingKey).toString("base64"),
  }));
}

function anyWrappingKey(): fc.Arbitrary<Uint8Array> {
  return fc.constantFrom(16, 24, 32).chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
}

/** A generator and up to three children. */
export function anyMultiKeyring(member: fc.Arbitrary<JavaKeyring> = anyRawAesKeyring()): fc.Arbitrary<JavaKeyring> {
  return fc
    .record({ generator: member, childKeyrings: fc.array(member, { maxLength: 3 }) })
    .map((members) => ({ type: "multi", ...members }));
}

/** The name of an attribute of one's own. */
function anyName(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom("", "", ":", "_", "aws", "名"), anyText())
    .map(([first, rest]) => first + rest)
    .filter((name) => name !== "" && !name.startsWith("aws_dbe_"));
}

function anyKeyValue(): fc.Arbitrary<AttributeValue> {
  return fc.oneof(
    anyText()
      .filter((text) => text !== "")
      .map((S): AttributeValue => ({ S })),
    anyNumber().map((N): AttributeValue => ({ N })),
    fc.uint8Array({ minLength: 1, maxLength: 16 }).map((bytes): AttributeValue => ({ B: Uint8Array.from(bytes) })),
  );
}

function anyAttribute(): fc.Arbitrary<AttributeDraw> {
  return fc.record({
    name: anyName(),
    value: fc.oneof({ weight: 6, arbitrary: anyAttributeValue() }, { weight: 1, arbitrary: anyNestedValue() }),
    treatment: fc.constantFrom<Treatment>(
      "ENCRYPT_AND_SIGN",
      "ENCRYPT_AND_SIGN",
      "ENCRYPT_AND_SIGN",
      "SIGN_ONLY",
      "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
      "DO_NOTHING",
      "NOT_CONFIGURED",
    ),
    absent: fc.nat({ max: 9 }).map((draw) => draw === 0),
  });
}

/** A value at the bottom of many lists and maps. */
function anyNestedValue(): fc.Arbitrary<AttributeValue> {
  return fc
    .tuple(anyText(), anyNumber(), fc.array(fc.option(anyText(), { nil: undefined }), { maxLength: longestNesting }))
    .map(([S, N, levels]) =>
      levels.reduce<AttributeValue>((inner, name) => (name === undefined ? { L: [inner] } : { M: Object.fromEntries([[name, inner]]) }), {
        M: { S: { S }, N: { N } },
      }),
    );
}

function treatment(attribute: AttributeDraw, inContext: boolean, hasPrefix: boolean): Treatment {
  if (hasPrefix) return isUnsigned(attribute.treatment) ? attribute.treatment : "DO_NOTHING";
  if (attribute.treatment === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" && !inContext) return "SIGN_ONLY";
  return attribute.treatment;
}

/** Java writes no item that lacks an attribute of the encryption context. */
function isPresent({ absent, treatment }: AttributeDraw): boolean {
  return !absent || treatment === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";
}

function isUnsigned(treatment: Treatment): boolean {
  return treatment === "DO_NOTHING" || treatment === "NOT_CONFIGURED";
}
