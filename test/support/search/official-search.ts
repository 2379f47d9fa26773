import { type AttributeMap, type AttributeValue, attributeMap } from "../../../src/attributes/index.ts";
import { type JsonValue, valueFromJson } from "../dynamodb-json.ts";
import { type JavaSearchConfig, searchSchemaOf } from "../search-schema.ts";
import { readVectors } from "../vectors.ts";

interface Part {
  readonly Name: string;
  readonly Prefix: string;
}

interface OfficialVersion {
  readonly standardBeacons: readonly { readonly Name: string; readonly Length: number; readonly numberOfPartitions?: number }[];
  readonly compoundBeacons?: readonly {
    readonly Name: string;
    readonly Split: string;
    readonly Encrypted: readonly Part[];
    readonly Signed: readonly Part[];
    readonly Constructors?: readonly (readonly { readonly Name: string }[])[];
  }[];
  readonly maximumNumberOfPartitions?: number;
  readonly defaultNumberOfPartitions?: number;
}

/** A table configuration as AWS's test vectors write it. */
export interface OfficialConfig {
  readonly partitionKeyName?: string;
  readonly algorithmSuiteId?: string;
  readonly attributeActionsOnEncrypt?: JavaSearchConfig["attributeActionsOnEncrypt"];
  readonly search?: { readonly versions: readonly [OfficialVersion] };
}

export interface OfficialQuery {
  readonly Key?: string;
  readonly Filter?: string;
  /** The configurations under which it is refused. */
  readonly Fail?: readonly string[];
}

type Written = Record<string, JsonValue | string>;

const data = readVectors<{
  Values: Written;
  Queries: readonly OfficialQuery[];
  Complex: readonly {
    readonly Config: string;
    readonly Queries: readonly { readonly Query: string; readonly Pass?: readonly number[]; readonly Fail: readonly number[] }[];
  }[];
}>("official/data.json");
const { tableEncryptionConfigs } = readVectors<{ tableEncryptionConfigs: Record<string, OfficialConfig> }>("official/configs.json");
const { Records } = readVectors<{ Records: readonly Written[] }>("official/records.json");
const large = readVectors<{
  GSI: readonly (readonly [string, string, string?])[];
  largeEncryptionConfigs: Record<string, OfficialConfig>;
  Large: Record<string, { readonly Item: Written }>;
}>("official/large_records.json");

export const officialQueries: readonly OfficialQuery[] = data.Queries;
export const officialComplex: typeof data.Complex = data.Complex;
/** All but the empty one. */
export const officialConfigs: readonly (readonly [string, OfficialConfig])[] = Object.entries(tableEncryptionConfigs).filter(
  ([name]) => name !== "0",
);
export const officialConfig = (name: string): OfficialConfig => tableEncryptionConfigs[name] ?? {};
export const officialRecords: readonly AttributeMap[] = Records.map(itemOf);
export const largeConfigs: readonly (readonly [string, OfficialConfig])[] = Object.entries(large.largeEncryptionConfigs);
export const largeItems: readonly (readonly [string, AttributeMap])[] = Object.entries(large.Large).map(([name, { Item }]) => [
  name,
  itemOf(Item),
]);
/** Index name, partition key, sort key. */
export const largeIndexes: typeof large.GSI = large.GSI;

/** A configuration of AWS's as a schema file. */
export function officialSchema(config: OfficialConfig, logicalTableName: string): Record<string, unknown> {
  const version = config.search?.versions[0];
  const part = ({ Name: name, Prefix: prefix }: Part) => ({ name, prefix });
  const java = {
    partitionKeyName: "RecNum",
    attributeActionsOnEncrypt: {},
    ...config,
    // What is DO_NOTHING is unsigned; one configuration misspells the list of those names.
    allowedUnsignedAttributes: undefined,
    logicalTableName,
    ...(config.algorithmSuiteId && { algorithmSuiteId: config.algorithmSuiteId.endsWith("ECDSA_P384") ? "0x6701" : "0x6700" }),
    search: {
      versions: [
        {
          ...version,
          standardBeacons: (version?.standardBeacons ?? []).map(({ Name: name, Length: length, ...rest }) => ({ name, length, ...rest })),
          ...(version?.compoundBeacons && {
            compoundBeacons: version.compoundBeacons.map(({ Name: name, Split: split, Encrypted, Signed, Constructors }) => ({
              name,
              split,
              encrypted: Encrypted.map(part),
              signed: Signed.map(part),
              ...(Constructors && { constructors: Constructors.map((parts) => ({ parts: parts.map(({ Name }) => ({ name: Name })) })) }),
            })),
          }),
        },
      ],
    },
  };
  return searchSchemaOf(java as unknown as JavaSearchConfig);
}

/** The placeholders of AWS's values that a text uses. */
export function officialValues(text: string): Record<string, AttributeValue> | undefined {
  const used = Object.entries(data.Values).filter(([name]) => new RegExp(`${name}(?!\\w)`).test(text));
  return used.length === 0 ? undefined : Object.fromEntries(used.map(([name, value]) => [name, valueOf(value)]));
}

function itemOf(written: Written): AttributeMap {
  return attributeMap(Object.entries(written).map(([name, value]) => [name, valueOf(value)]));
}

/** Texts stand for themselves, in lists and maps too. */
function valueOf(value: JsonValue | string): AttributeValue {
  if (typeof value === "string") return { S: value };
  const { L, M } = value as { readonly L?: readonly (JsonValue | string)[]; readonly M?: Written };
  if (L !== undefined) return { L: L.map(valueOf) };
  if (M !== undefined) return { M: Object.fromEntries(Object.entries(M).map(([name, entry]) => [name, valueOf(entry)])) };
  return valueFromJson(value);
}
