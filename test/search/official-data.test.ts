import { describe, expect, it } from "vitest";
import { type AttributeMap, type AttributeValue, attributeMap } from "../../src/attributes/index.ts";
import { SecretBytes } from "../../src/bytes/index.ts";
import { evaluateCondition, parseExpressions } from "../../src/expressions/index.ts";
import { type TablePlan, tablePlan } from "../../src/schema/index.ts";
import { BeaconKeys, beaconAttributes, isSearchable, prepareSearch, withSignedBeacons } from "../../src/search/index.ts";
import { type JsonValue, valueFromJson } from "../support/dynamodb-json.ts";
import { type JavaSearchConfig, searchSchemaOf } from "../support/search-schema.ts";
import { readVectors } from "../support/vectors.ts";

interface Query {
  readonly Key?: string;
  readonly Filter?: string;
  readonly Fail?: readonly string[];
}
type Capitalised = { readonly Name: string; readonly Length: number };
type Part = { readonly Name: string; readonly Prefix: string };
interface OfficialConfig {
  readonly attributeActionsOnEncrypt?: JavaSearchConfig["attributeActionsOnEncrypt"];
  readonly search?: {
    readonly versions: readonly [
      {
        readonly standardBeacons: readonly Capitalised[];
        readonly compoundBeacons?: readonly { Name: string; Split: string; Encrypted: readonly Part[]; Signed: readonly Part[] }[];
      },
    ];
  };
}

const data = readVectors<{
  Values: Record<string, JsonValue | string>;
  Queries: readonly Query[];
  Complex: readonly { Config: string; Queries: readonly { Query: string; Pass?: readonly number[]; Fail: readonly number[] }[] }[];
}>("official/data.json");
const { tableEncryptionConfigs } = readVectors<{ tableEncryptionConfigs: Record<string, OfficialConfig> }>("official/configs.json");
const { Records } = readVectors<{ Records: readonly Record<string, JsonValue | string>[] }>("official/records.json");

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(1)));
const records = Records.map((record) => attributeMap(Object.entries(record).map(([name, value]) => [name, valueOf(value)])));

/** Texts stand for themselves, and in a list too. */
function valueOf(value: JsonValue | string): AttributeValue {
  if (typeof value === "string") return { S: value };
  const list = value["L"] as readonly string[] | undefined;
  return list === undefined ? valueFromJson(value) : { L: list.map((S) => ({ S })) };
}

function planOf({ attributeActionsOnEncrypt = {}, search }: OfficialConfig): TablePlan {
  const [version] = search?.versions ?? [];
  const part = ({ Name: name, Prefix: prefix }: Part) => ({ name, prefix });
  const java = {
    logicalTableName: "GazelleVectorTable",
    partitionKeyName: "RecNum",
    attributeActionsOnEncrypt,
    search: {
      versions: [
        {
          standardBeacons: (version?.standardBeacons ?? []).map(({ Name: name, Length: length }) => ({ name, length })),
          ...(version?.compoundBeacons && {
            compoundBeacons: version.compoundBeacons.map(({ Name: name, Split: split, Encrypted, Signed }) => ({
              name,
              split,
              encrypted: Encrypted.map(part),
              signed: Signed.map(part),
            })),
          }),
        },
      ],
    },
  };
  return tablePlan(searchSchemaOf(java as unknown as JavaSearchConfig));
}

/** The record numbers that a query finds: kept by the service, and by the filter after decryption. */
function find(plan: TablePlan, parameter: "KeyConditionExpression" | "FilterExpression", text: string): readonly number[] {
  const parsed = parseExpressions({ [parameter]: text, ExpressionAttributeValues: valuesIn(text) });
  const search = prepareSearch({ plan, parsed, filterAfterDecrypt: false, beaconKeyAttribute: undefined });
  const rewritten = parseExpressions(search.rewrite(keys));
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

function valuesIn(text: string): Record<string, AttributeValue> | undefined {
  const used = Object.entries(data.Values).filter(([name]) => new RegExp(`${name}(?!\\w)`).test(text));
  return used.length === 0 ? undefined : Object.fromEntries(used.map(([name, value]) => [name, valueOf(value)]));
}

const configs = Object.entries(tableEncryptionConfigs).filter(([name]) => name !== "0");

describe.each(configs)("AWS's queries under configuration %s", (name, config) => {
  const plan = planOf(config);

  it.each(data.Queries)("$Key$Filter", ({ Key, Filter = "", Fail = [] }) => {
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

describe.each(data.Complex)("AWS's compound queries under configuration $Config", ({ Config, Queries }) => {
  const plan = planOf(tableEncryptionConfigs[Config] ?? {});

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
