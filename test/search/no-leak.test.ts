import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SecretBytes } from "../../src/bytes/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { type ExpressionParameters, parseExpressions } from "../../src/expressions/index.ts";
import { BeaconKeys, prepareSearch } from "../../src/search/index.ts";
import { searchableTable } from "../support/beacon-vectors.ts";

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(9)));
const secret = "Q7secret-value";
const number = "31415926535";

const keywords = [
  "inner",
  "input",
  "ordering",
  "orx",
  "android",
  "notes",
  "nothing",
  "between1",
  "sized",
  "contains1",
  "begins_within",
  "attribute_existing",
  "in1",
  "And1",
  "IN",
  "AND",
  "OR",
  "NOT",
  "size",
  "BETWEEN",
  "__proto__",
  "constructor",
  "toString",
  "x y",
  "é",
  "#x",
  ":x",
  "a-b",
  "😀",
];

/** Any name that a schema takes for an attribute with a beacon: all but those that a location cannot say. */
const legalName = fc
  .oneof(
    fc.constantFrom(...keywords),
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,11}$/),
    fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }),
  )
  .filter(
    (name) =>
      !/[.[\]]/.test(name) && name.isWellFormed() && !/^(aws_dbe_|aws-crypto-|aws:rep:)/.test(name) && !["pk", "plain"].includes(name),
  );

const forms: readonly string[] = [
  "NAME = :v",
  ":v = NAME",
  "NAME <> :v",
  "NAME < :v",
  "NAME BETWEEN :v AND :w",
  "NAME IN (:v, :w)",
  "contains(NAME, :v)",
  "begins_with(NAME, :v)",
  "NOT (NAME = :v)",
  "NAME = :v OR plain = :p",
  "plain = :p AND NOT (NAME <> :v AND NAME = :w)",
  "size(NAME) = :w",
  "NAME.child = :v",
  "NAME[0] = :v",
  "contains(:v, NAME)",
];

describe("no rewritten request carries a value that is compared with an encrypted attribute", () => {
  it.each([true, false])("for any legal name, filterAfterDecrypt: %s", (filterAfterDecrypt) => {
    let [rewritten, refused] = [0, 0];
    fc.assert(
      fc.property(legalName, fc.constantFrom(...forms), fc.boolean(), fc.boolean(), fc.boolean(), (name, form, bare, asKey, hasBeacon) => {
        const request = requestOf(form, name, bare && /^[A-Za-z][A-Za-z0-9_]*$/.test(name), asKey && !filterAfterDecrypt);
        const plan = searchableTable({
          tableName: "t",
          partitionKey: "pk",
          attributes: Object.fromEntries([
            [name, hasBeacon ? { action: "ENCRYPT_AND_SIGN", beacon: { length: 63 } } : "ENCRYPT_AND_SIGN"],
            ["other;", { action: "ENCRYPT_AND_SIGN", beacon: { length: 5 } }],
            ["plain", "SIGN_ONLY"],
          ]),
        });
        try {
          const search = prepareSearch({ plan, parsed: parseExpressions(request), filterAfterDecrypt, beaconKeyAttribute: undefined });
          const sent = JSON.stringify(search.rewrite(keys));
          for (const value of [secret, number, secret.slice(2, 10)]) expect(sent).not.toContain(value);
          rewritten++;
        } catch (error) {
          if (!isDynasealError(error)) throw error;
          const told = [error.message, error.hint, JSON.stringify(error.details)].join();
          for (const value of [secret, number]) expect(told).not.toContain(value);
          refused++;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(rewritten).toBeGreaterThan(30);
    expect(refused).toBeGreaterThan(30);
  });
});

function requestOf(form: string, name: string, bare: boolean, asKey: boolean): ExpressionParameters {
  const text = form.replaceAll("NAME", bare ? name : "#n");
  const values = { ":v": { S: secret }, ":w": form.startsWith("size") ? { N: number } : { S: `${secret}-2` }, ":p": { S: "readable" } };
  const used = Object.entries(values).filter(([placeholder]) => text.includes(placeholder));
  return {
    [asKey ? "KeyConditionExpression" : "FilterExpression"]: text,
    ...(bare ? {} : { ExpressionAttributeNames: { "#n": name } }),
    ExpressionAttributeValues: Object.fromEntries(used),
  };
}
