import fc from "fast-check";
import type { AttributeValue } from "../../src/attributes/index.ts";

/** A number text that DynamoDB takes, in any spelling. */
export function anyNumber(): fc.Arbitrary<string> {
  const plain = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map((value) => {
    const text = value.toPrecision(15);
    return Math.abs(value) !== 0 && Math.abs(value) < 1e-90 ? "0" : text;
  });
  const spelled = fc
    .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -20, max: 20 }))
    .map(([digits, exponent]) => `${digits}E${exponent}`);
  return fc.oneof(
    plain,
    spelled,
    fc.bigInt(-(10n ** 37n), 10n ** 37n).map(String),
    fc.constantFrom("0", "-0", "1.0", "00012", ".5", "1E-130"),
  );
}

export function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 24 }),
    fc.string({ unit: "binary", maxLength: 24 }),
    fc.constantFrom("", "__proto__", "null"),
  );
}

export function anyBinary(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 32 }).map((bytes) => Uint8Array.from(bytes));
}

/** Any AttributeValue up to a few levels deep, sets never empty and without duplicates. */
export function anyAttributeValue(): fc.Arbitrary<AttributeValue> {
  const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      anyText().map((S): AttributeValue => ({ S })),
      anyNumber().map((N): AttributeValue => ({ N })),
      anyBinary().map((B): AttributeValue => ({ B })),
      fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
      fc.constant<AttributeValue>({ NULL: true }),
      fc.uniqueArray(anyText(), { minLength: 1, maxLength: 4 }).map((SS): AttributeValue => ({ SS })),
      fc.uniqueArray(fc.integer().map(String), { minLength: 1, maxLength: 4 }).map((NS): AttributeValue => ({ NS })),
      fc
        .uniqueArray(anyBinary(), { minLength: 1, maxLength: 4, selector: (bytes) => Buffer.from(bytes).toString("hex") })
        .map((BS): AttributeValue => ({ BS })),
      fc.array(tie("value"), { maxLength: 4 }).map((L): AttributeValue => ({ L })),
      fc.array(fc.tuple(anyText(), tie("value")), { maxLength: 4 }).map((entries): AttributeValue => ({ M: Object.fromEntries(entries) })),
    ),
  }));
  return value;
}
