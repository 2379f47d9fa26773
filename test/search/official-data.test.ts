import { describe, expect, it } from "vitest";
import { type AttributeMap, attributeMap } from "../../src/attributes/index.ts";
import { SecretBytes } from "../../src/bytes/index.ts";
import { evaluateCondition, parseExpressions } from "../../src/expressions/index.ts";
import { type TablePlan, tablePlan } from "../../src/schema/index.ts";
import { BeaconKeys, beaconAttributes, isSearchable, prepareSearch, withSignedBeacons } from "../../src/search/index.ts";
import {
  type OfficialConfig,
  officialComplex,
  officialConfig,
  officialConfigs,
  officialQueries,
  officialSchema,
  officialRecords as records,
  officialValues as valuesIn,
} from "../support/search/official-search.ts";

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(1)));

function planOf(config: OfficialConfig): TablePlan {
  return tablePlan(officialSchema(config, "GazelleVectorTable"));
}

/** The record numbers that a query finds: kept by the service, and by the filter after decryption. */
function find(plan: TablePlan, parameter: "KeyConditionExpression" | "FilterExpression", text: string): readonly number[] {
  const parsed = parseExpressions({ [parameter]: text, ExpressionAttributeValues: valuesIn(text) });
  const search = prepareSearch({ plan, parsed, filterAfterDecrypt: false, beaconKeyAttribute: undefined });
  const rewritten = search.rewrite(keys);
  const condition = rewritten.keyCondition ?? rewritten.filter;
  return records.flatMap((record, index) => {
    const kept = condition === undefined || evaluateCondition(condition, stored(plan, record));
    return kept && search.matches(record) ? [index] : [];
  });
}

function stored(plan: TablePlan, record: AttributeMap): AttributeMap {
  const item = isSearchable(plan) ? withSignedBeacons(plan, record, undefined) : record;
  const row = Object.entries(item).map(
    ([name, value]) => [name, plan.actions.get(name) === "ENCRYPT_AND_SIGN" ? { B: new Uint8Array(9) } : value] as const,
  );
  return attributeMap([...row, ...Object.entries(isSearchable(plan) ? beaconAttributes(plan, record, keys) : {})]);
}

describe.each(officialConfigs)("AWS's queries under configuration %s", (name, config) => {
  const plan = planOf(config);

  it.each(officialQueries)("$Key$Filter", ({ Key, Filter = "", Fail = [] }) => {
    const [parameter, text] = Key === undefined ? (["FilterExpression", Filter] as const) : (["KeyConditionExpression", Key] as const);
    if (Fail.includes(name)) {
      expect(() => find(plan, parameter, text)).toThrow(expect.objectContaining({ code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE" }));
      return;
    }
    const { filter, keyCondition } = parseExpressions({ [parameter]: text, ExpressionAttributeValues: valuesIn(text) });
    const condition = filter ?? keyCondition;
    const plainly = records.flatMap((record, index) => (condition !== undefined && evaluateCondition(condition, record) ? [index] : []));
    expect(find(plan, parameter, text)).toEqual(plainly);
  });
});

describe.each(officialComplex)("AWS's compound queries under configuration $Config", ({ Config, Queries }) => {
  const plan = planOf(officialConfig(Config));

  it.each(Queries)("$Query", ({ Query, Pass = [], Fail }) => {
    // Two of the queries lack the colon before a value's name, so that they name an attribute that is not there.
    if (/(?<!:)cmp1c/.test(Query)) {
      expect(() => find(plan, "FilterExpression", Query)).toThrow(expect.objectContaining({ code: "ERR_ATTRIBUTE_NOT_CONFIGURED" }));
      return;
    }
    const found = find(plan, "FilterExpression", Query);
    expect(found).toEqual(expect.arrayContaining([...Pass]));
    expect(found.filter((index) => Fail.includes(index))).toEqual([]);
  });
});
