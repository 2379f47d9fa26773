import type { CompoundBeaconInput, TransformInput, VirtualPartInput } from "../../src/schema/index.ts";
import type { JavaConfig } from "./java-config.ts";
import { schemaOf } from "./java-schema.ts";

interface JavaStandardBeacon {
  readonly name: string;
  readonly length: number;
  readonly loc?: string;
  readonly numberOfPartitions?: number;
  readonly style?: {
    readonly partOnly?: object;
    readonly asSet?: object;
    readonly shared?: { readonly other: string };
    readonly sharedSet?: { readonly other: string };
  };
}

interface JavaParts {
  readonly encrypted?: readonly { readonly name: string; readonly prefix: string }[];
  readonly signed?: readonly { readonly name: string; readonly prefix: string; readonly loc?: string }[];
}

interface JavaCompoundBeacon extends JavaParts {
  readonly name: string;
  readonly split: string;
  readonly constructors?: readonly { readonly parts: readonly { readonly name: string; readonly required?: boolean }[] }[];
}

/** A beacon version as the Java vectors write it. */
export interface JavaBeaconVersion {
  readonly standardBeacons: readonly JavaStandardBeacon[];
  readonly compoundBeacons?: readonly JavaCompoundBeacon[];
  readonly virtualFields?: readonly {
    readonly name: string;
    readonly parts: readonly { readonly loc: string; readonly trans?: readonly Readonly<Record<string, unknown>>[] }[];
  }[];
  readonly encryptedParts?: JavaParts["encrypted"];
  readonly signedParts?: JavaParts["signed"];
  readonly maximumNumberOfPartitions?: number;
  readonly defaultNumberOfPartitions?: number;
  readonly keySource?: { readonly single?: { readonly keyId: string }; readonly multi?: { readonly keyFieldName: string } };
}

export interface JavaSearchConfig extends JavaConfig {
  readonly search: { readonly versions: readonly [JavaBeaconVersion] };
}

/** A Java table and search configuration as a schema file would say it. */
export function searchSchemaOf(config: JavaSearchConfig): Record<string, unknown> {
  const [version] = config.search.versions;
  const table = schemaOf(config) as { attributes: Record<string, unknown> };
  const attributes: Record<string, unknown> = { ...table.attributes };
  const beacons: Record<string, unknown> = {};
  const virtualFields: Record<string, { parts: unknown; beacon?: unknown }> = {};
  for (const { name, parts } of version.virtualFields ?? []) virtualFields[name] = { parts: parts.map(virtualPart) };
  for (const beacon of version.standardBeacons) {
    const { name, loc } = beacon;
    const virtual = virtualFields[name];
    const action = attributes[name];
    if (virtual !== undefined) virtual.beacon = beaconInput(beacon);
    else if (loc === undefined && typeof action === "string") attributes[name] = { action, beacon: beaconInput(beacon) };
    else beacons[name] = { location: loc ?? name, ...beaconInput(beacon) };
  }
  const maximum = version.maximumNumberOfPartitions;
  const compounds = version.compoundBeacons?.map((beacon) => [beacon.name, compound(beacon)] as const);
  const { encryptedParts, signedParts } = version;
  const from = version.keySource?.multi?.keyFieldName;
  return {
    ...table,
    attributes,
    ...(Object.keys(beacons).length === 0 ? {} : { beacons }),
    ...(version.virtualFields === undefined ? {} : { virtualFields }),
    ...(compounds === undefined ? {} : { compoundBeacons: Object.fromEntries(compounds) }),
    ...(encryptedParts === undefined && signedParts === undefined
      ? {}
      : { beaconParts: parts({ ...(encryptedParts && { encrypted: encryptedParts }), ...(signedParts && { signed: signedParts }) }) }),
    ...(maximum === undefined
      ? {}
      : {
          beaconPartitions:
            version.defaultNumberOfPartitions === undefined ? maximum : { number: maximum, default: version.defaultNumberOfPartitions },
        }),
    ...(from === undefined ? {} : { beaconKey: { from } }),
  };
}

function beaconInput({ length, style = {}, numberOfPartitions }: JavaStandardBeacon): object {
  const other = style.shared?.other ?? style.sharedSet?.other;
  const [name] = Object.keys(style);
  return {
    length,
    ...(name === undefined ? {} : { style: name }),
    ...(other === undefined ? {} : { sharedWith: other }),
    ...(numberOfPartitions === undefined ? {} : { partitions: numberOfPartitions }),
  };
}

function parts({ encrypted, signed }: JavaParts): Pick<CompoundBeaconInput, "encrypted" | "signed"> {
  return {
    ...(encrypted === undefined ? {} : { encrypted: encrypted.map(({ name, prefix }) => ({ name, prefix })) }),
    ...(signed === undefined
      ? {}
      : { signed: signed.map(({ name, prefix, loc }) => ({ name, prefix, ...(loc === undefined ? {} : { location: loc }) })) }),
  };
}

function compound({ split, constructors, ...rest }: JavaCompoundBeacon): object {
  return {
    split,
    ...parts(rest),
    ...(constructors === undefined
      ? {}
      : {
          constructors: constructors.map(({ parts: named }) =>
            named.map(({ name, required = true }) => (required ? name : { optional: name })),
          ),
        }),
  };
}

function virtualPart({
  loc,
  trans,
}: {
  readonly loc: string;
  readonly trans?: readonly Readonly<Record<string, unknown>>[];
}): VirtualPartInput {
  return trans === undefined ? loc : { location: loc, transforms: trans.map(transform) };
}

function transform(java: Readonly<Record<string, unknown>>): TransformInput {
  const [[kind, value] = ["", undefined]] = Object.entries(java);
  if (kind === "upper" || kind === "lower") return `${kind}case`;
  if (kind === "insert") return { insert: (value as { literal: string }).literal };
  if (kind === "prefix" || kind === "suffix") return { [kind]: (value as { length: number }).length } as unknown as TransformInput;
  return { [kind]: value } as unknown as TransformInput;
}
