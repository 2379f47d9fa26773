import { type AttributeMap, type AttributeType, attributeMap, typeOf } from "../../attributes/index.ts";
import { decodeUtf8 } from "../../bytes/index.ts";
import { describeItem, type HeaderDataKey, itemSize, reservedPrefix } from "../../item/index.ts";
import { footerName, headerName } from "../../structure/index.ts";

/** Type (2) and tag (16) of an encrypted value. */
const encryptedValueOverhead = 18;

export interface AttributeReport {
  readonly name: string;
  /** `undefined`: only the schema says which of the attributes are signed. */
  readonly action: "ENCRYPT_AND_SIGN" | "SIGN_ONLY" | "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" | "DO_NOTHING" | undefined;
  /** As stored: encrypted values are binary. */
  readonly type: AttributeType | undefined;
  /** Name and value, as DynamoDB counts them. */
  readonly bytes: number;
}

export interface DataKeyReport {
  readonly keyProviderId: string;
  /** As text; hexadecimal where it is not text. */
  readonly keyProviderInfo: string;
  readonly keyArn?: string;
  readonly region?: string;
  readonly branchKeyId?: string;
  readonly branchKeyVersion?: string;
  readonly bytes: number;
}

/** What a stored item says without any key, for people and pipes; holds no value of an attribute. */
export interface ItemReport {
  readonly formatVersion: 1 | 2;
  readonly algorithmSuiteId: string;
  readonly algorithmSuite: "ECDSA" | "HMAC";
  readonly attributes: readonly AttributeReport[];
  readonly encryptedDataKeys: readonly DataKeyReport[];
  /** The names of the stored encryption context; its values may be those of attributes. */
  readonly encryptionContextKeys: readonly string[];
  /** `overhead` is part of `item`: header, footer, beacons, and 18 bytes for each encrypted attribute. */
  readonly bytes: {
    readonly item: number;
    readonly header: number;
    readonly footer: number;
    readonly beacons: number;
    readonly overhead: number;
  };
}

/** @throws what describeItem throws */
export function itemReport(item: AttributeMap, schema: unknown): ItemReport {
  const description = describeItem(item, schema === undefined ? {} : { schema });
  const { legend } = description;
  const names = Object.keys(item).filter((name) => item[name] !== undefined);
  const own = names.filter((name) => !name.startsWith(reservedPrefix));
  const [header, footer] = [sizeOf(item, [headerName]), sizeOf(item, [footerName])];
  const beacons = sizeOf(
    item,
    names.filter((name) => name.startsWith(reservedPrefix) && name !== headerName && name !== footerName),
  );
  const encrypted = description.actions.filter((action) => action === "ENCRYPT_AND_SIGN").length;
  return {
    formatVersion: description.formatVersion,
    algorithmSuiteId: description.algorithmSuiteId,
    algorithmSuite: description.algorithmSuiteId === "0x6701" ? "ECDSA" : "HMAC",
    attributes: own.map((name) => ({
      name,
      action: legend && (Object.hasOwn(legend, name) ? legend[name] : "DO_NOTHING"),
      type: typeIn(item, name),
      bytes: sizeOf(item, [name]),
    })),
    encryptedDataKeys: description.encryptedDataKeys.map(dataKeyReport),
    encryptionContextKeys: Object.keys(description.encryptionContext),
    bytes: { item: itemSize(item), header, footer, beacons, overhead: header + footer + beacons + encrypted * encryptedValueOverhead },
  };
}

function typeIn(item: AttributeMap, name: string): AttributeType | undefined {
  const value = item[name];
  return value && typeOf(value);
}

function sizeOf(item: AttributeMap, names: readonly string[]): number {
  const part = attributeMap();
  for (const name of names) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value !== undefined) part[name] = value;
  }
  return itemSize(part);
}

function dataKeyReport({ keyProviderInfo, encryptedDataKey, ...key }: HeaderDataKey): DataKeyReport {
  return {
    ...key,
    keyProviderInfo: decodeUtf8(keyProviderInfo) ?? Buffer.from(keyProviderInfo).toString("hex"),
    bytes: encryptedDataKey.length,
  };
}
