import { type EcdhCurve, ecdsaSuite, hmacSuite, type RsaPadding, systemRandomness } from "../../src/crypto/index.ts";
import { type ItemCryptography, itemCryptography } from "../../src/item/index.ts";
import { multiKeyring, type RawEcdhKeyringOptions, rawAesKeyring, rawEcdhKeyring, rawRsaKeyring } from "../../src/keyrings/index.ts";
import { defaultCmm, type Keyring } from "../../src/materials/index.ts";
import type { CryptoAction, PlaintextOverride, TablePlan } from "../../src/schema/index.ts";
import { type JavaHierarchicalKeyring, javaHierarchicalKeyring } from "./java-key-store.ts";

/** A table configuration as the Java vectors write it. */
export interface JavaConfig {
  readonly logicalTableName: string;
  readonly partitionKeyName: string;
  readonly sortKeyName?: string;
  readonly algorithmSuiteId?: string;
  readonly attributeActionsOnEncrypt: Readonly<Record<string, CryptoAction>>;
  readonly allowedUnsignedAttributes?: readonly string[];
  readonly allowedUnsignedAttributePrefix?: string;
  readonly plaintextOverride?: PlaintextOverride;
  readonly keyring: JavaKeyring;
}

export interface JavaKeyring {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The same configuration as a plan, without the checks of schema files, which some vectors break on purpose. */
export function planOf(config: JavaConfig): TablePlan {
  const actions = new Map(Object.entries(config.attributeActionsOnEncrypt));
  const doNothing = [...actions].filter(([, action]) => action === "DO_NOTHING").map(([name]) => name);
  return {
    tableName: config.logicalTableName,
    partitionKey: config.partitionKeyName,
    sortKey: config.sortKeyName,
    actions,
    otherAttributes: undefined,
    unsignedAttributes: new Set([...doNothing, ...(config.allowedUnsignedAttributes ?? [])]),
    unsignedAttributePrefix: config.allowedUnsignedAttributePrefix,
    algorithmSuite: config.algorithmSuiteId === "0x6700" ? hmacSuite : ecdsaSuite,
    acceptedSuites: undefined,
    formatVersion: [...actions.values()].includes("SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") ? 2 : 1,
    plaintextOverride: config.plaintextOverride ?? "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
    branchKey: undefined,
    revision: undefined,
    timeToLive: undefined,
    indexes: new Map(),
    search: undefined,
  };
}

export function cryptographyOf(config: JavaConfig, keyring: Keyring = keyringOf(config.keyring)): ItemCryptography {
  return itemCryptography({ plan: planOf(config), cmm: defaultCmm(keyring), randomness: systemRandomness });
}

type MakeKeyring = (config: JavaKeyring) => Keyring;

/** One entry a keyring type of the vectors. */
const makers: Readonly<Record<string, MakeKeyring>> = {
  "raw-aes": (config) =>
    rawAesKeyring({
      keyNamespace: config["keyNamespace"] as string,
      keyName: config["keyName"] as string,
      wrappingKey: bytes(config["wrappingKey"]),
    }),
  "raw-rsa": (config) =>
    rawRsaKeyring({
      keyNamespace: config["keyNamespace"] as string,
      keyName: config["keyName"] as string,
      padding: config["paddingScheme"] as RsaPadding,
      publicKey: config["publicKey"] as string | undefined,
      privateKey: config["privateKey"] as string | undefined,
    }),
  "raw-ecdh": (config) => rawEcdhKeyring(rawEcdhOptions(config)),
  hierarchical: (config) => javaHierarchicalKeyring(config as unknown as JavaHierarchicalKeyring),
  multi: (config) => {
    const generator = config["generator"] as JavaKeyring | undefined;
    const children = (config["childKeyrings"] as readonly JavaKeyring[] | undefined) ?? [];
    return multiKeyring({ ...(generator && { generator: keyringOf(generator) }), children: children.map(keyringOf) });
  },
};

export function isSupported(config: JavaKeyring): boolean {
  const nested = [config["generator"], ...((config["childKeyrings"] as unknown[] | undefined) ?? [])].filter(
    (child) => child !== undefined,
  );
  return config.type in makers && nested.every((child) => isSupported(child as JavaKeyring));
}

export function keyringOf(config: JavaKeyring): Keyring {
  const make = makers[config.type];
  if (make === undefined) throw new Error(`no keyring for the vectors' type "${config.type}"`);
  return make(config);
}

function bytes(base64: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(base64 as string, "base64"));
}

/** `keyAgreementScheme` has one member, named and filled as the specification has it; public keys are base64 of DER. */
function rawEcdhOptions(config: JavaKeyring): RawEcdhKeyringOptions {
  const curve = (config["curveSpec"] as string).replace("ECC_NIST_P", "P-") as EcdhCurve;
  const [[scheme, keys] = ["", {}]] = Object.entries(config["keyAgreementScheme"] as Record<string, Record<string, string>>);
  if (scheme === "PublicKeyDiscovery") return { curve, keyAgreement: "discovery", privateKey: keys["recipientStaticPrivateKey"] ?? "" };
  const recipientPublicKey = bytes(keys["recipientPublicKey"]);
  if (scheme === "EphemeralPrivateKeyToStaticPublicKey") return { curve, keyAgreement: "ephemeral", recipientPublicKey };
  return { curve, keyAgreement: "static", privateKey: keys["senderStaticPrivateKey"] ?? "", recipientPublicKey };
}
