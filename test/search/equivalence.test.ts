import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttributeMap, type AttributeValue, attributeMap } from "../../src/attributes/index.ts";
import { SecretBytes } from "../../src/bytes/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { evaluateCondition, parseExpressions } from "../../src/expressions/index.ts";
import {
  BeaconKeys,
  beaconAttributes,
  type PreparedSearch,
  prepareSearch,
  resolvedAttributesOf,
  type SearchableTable,
  withSignedBeacons,
} from "../../src/search/index.ts";
import { searchableTable } from "../support/beacon-vectors.ts";
import { everyBeacon, searchCondition, searchedItem, searchNames, searchValues, usedIn } from "../support/search-arbitraries.ts";

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(7)));
/** What an encrypted attribute looks like to the service. */
const ciphertext: AttributeValue = { B: Uint8Array.of(1, 2, 3) };

describe.each([
  { length: 1, partitions: 1 },
  { length: 32, partitions: 1 },
  { length: 1, partitions: 5 },
  { length: 32, partitions: 3 },
])("beacons of $length bits in $partitions partitions", ({ length, partitions }) => {
  const table = searchableTable(everyBeacon(length, partitions));

  it("the service keeps every right row, and after decryption only right rows are left", () => {
    const seen = { kept: 0, narrowed: 0, falsePositives: 0 };
    fc.assert(
      fc.property(fc.array(searchedItem(), { minLength: 4, maxLength: 12 }), searchCondition(), searchValues(), (items, text, values) => {
        const filter = {
          FilterExpression: text,
          ExpressionAttributeNames: usedIn(text, searchNames),
          ExpressionAttributeValues: usedIn(text, values),
        };
        const search = prepared(table, filter);
        if (search === undefined) return;
        const rewritten = search.rewrite(keys).filter;
        if (rewritten !== undefined) seen.narrowed++;
        items.forEach((plain, index) => {
          const item = withSignedBeacons(table, plain, undefined);
          const row = stored(table, item, index % partitions);
          const kept = rewritten === undefined || evaluateCondition(rewritten, row);
          const asked = parseExpressions(filter).filter;
          // A condition that concerns nothing encrypted is the service's alone.
          const right = search.rewrites || asked === undefined ? search.matches(item) : evaluateCondition(asked, item);
          if (right) expect(kept).toBe(true);
          if (kept && !right) seen.falsePositives++;
          if (kept && right) seen.kept++;
        });
      }),
      { numRuns: 600 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
  });

  it("no plain item is lost where they have to be found", () => {
    const seen = { plain: 0, onlyPlain: 0, encrypted: 0 };
    fc.assert(
      fc.property(fc.array(searchedItem(), { minLength: 4, maxLength: 12 }), searchCondition(), searchValues(), (items, text, values) => {
        const filter = {
          FilterExpression: text,
          ExpressionAttributeNames: usedIn(text, searchNames),
          ExpressionAttributeValues: usedIn(text, values),
        };
        const [search, ignoring] = [prepared(table, filter, true), prepared(table, filter)];
        if (search?.rewrites !== true || ignoring === undefined) return;
        const [asked, narrower] = [search, ignoring].map((one) => one.rewrite(keys).filter);
        const keeps = (condition: typeof asked, row: AttributeMap): boolean => condition === undefined || evaluateCondition(condition, row);
        items.forEach((plain, index) => {
          const item = withSignedBeacons(table, plain, undefined);
          const row = attributeMap([...Object.entries(stored(table, item, index % partitions)), ["aws_dbe_head", ciphertext]]);
          // What is encrypted is narrowed down as before.
          expect(keeps(asked, row)).toBe(keeps(narrower, row));
          if (search.matches(item) && keeps(asked, row)) seen.encrypted++;
          if (!search.matches(plain)) return;
          seen.plain++;
          expect(keeps(asked, plain)).toBe(true);
          if (!keeps(narrower, plain)) seen.onlyPlain++;
        });
      }),
      { numRuns: 600 },
    );
    expect(Math.min(seen.plain, seen.onlyPlain, seen.encrypted)).toBeGreaterThan(50);
  });

  it("what matches is what the condition says of the plain item, where no case is ignored and no compound beacon searched", () => {
    let compared = 0;
    const plainly = searchCondition().filter((text) => !/#n|#c(?!\w)|#deep/.test(text));
    fc.assert(
      fc.property(searchedItem(), plainly, searchValues(), (plain, text, values) => {
        const filter = {
          FilterExpression: text,
          ExpressionAttributeNames: usedIn(text, searchNames),
          ExpressionAttributeValues: usedIn(text, values),
        };
        const search = prepared(table, filter);
        const condition = search === undefined ? undefined : parseExpressions(filter).filter;
        if (search?.rewrites !== true || condition === undefined) return;
        const item = withSignedBeacons(table, plain, undefined);
        const computed = Object.entries(resolvedAttributesOf(table, item).virtualFields).map(([name, S]) => [name, { S }] as const);
        expect(search.matches(item)).toBe(evaluateCondition(condition, attributeMap([...Object.entries(item), ...computed])));
        compared++;
      }),
      { numRuns: 600 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it("several queries together find each row once", () => {
    fc.assert(
      fc.property(searchedItem(), fc.constantFrom("#x = :v", "#first = :v", "#c = :v", "#full = :v"), fc.nat(), (plain, text, number) => {
        const item = withSignedBeacons(table, plain, undefined);
        const name = text.slice(1, text.indexOf(" "));
        const { virtualFields, compoundBeacons } = resolvedAttributesOf(table, item);
        const computed = virtualFields[name] ?? compoundBeacons[name];
        const value = computed === undefined ? item[name] : { S: computed };
        if (value === undefined) return;
        const request = {
          KeyConditionExpression: text,
          ExpressionAttributeNames: { [`#${name}`]: name },
          ExpressionAttributeValues: { ":v": value },
        };
        const search = prepared(table, request);
        const row = stored(table, item, number % partitions);
        const finds = (partition: number): boolean => {
          const condition = (search as PreparedSearch).rewrite(keys, partition).keyCondition;
          return condition !== undefined && evaluateCondition(condition, row);
        };
        const found = Array.from({ length: search?.queries ?? 0 }, (_, partition) => finds(partition)).filter(Boolean);
        if (length === 32) expect(found).toHaveLength(1);
        else expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

/** The row as the service has it. */
function stored(table: SearchableTable, item: AttributeMap, partition: number): AttributeMap {
  const entries = Object.entries(item).map(
    ([name, value]) => [name, table.actions.get(name) === "ENCRYPT_AND_SIGN" ? ciphertext : value] as const,
  );
  return attributeMap([...entries, ...Object.entries(beaconAttributes(table, item, keys, partition))]);
}

/** `undefined` where the request is refused, as the service would refuse it or as no compound beacon has such a value. */
function prepared(
  plan: SearchableTable,
  parameters: Parameters<typeof parseExpressions>[0],
  findsPlain = false,
): PreparedSearch | undefined {
  try {
    return prepareSearch({
      plan,
      parsed: parseExpressions(parameters),
      filterAfterDecrypt: true,
      beaconKeyAttribute: undefined,
      findsPlain,
    });
  } catch (error) {
    if (isDynasealError(error, "ERR_EXPRESSION_INVALID") || isDynasealError(error, "ERR_BEACON_QUERY_VALUE_INVALID")) return undefined;
    throw error;
  }
}
