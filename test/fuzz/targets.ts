import { readFileSync } from "node:fs";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { deserializeAttributeValue, normalizeNumber, serializeAttributeValue, type Terminal } from "../../src/attributes/index.ts";
import { bytesEqual, SecretBytes } from "../../src/bytes/index.ts";
import { hmacSuite } from "../../src/crypto/index.ts";
import { DynasealError, type ErrorCode } from "../../src/errors/index.ts";
import { parseDecimal, parseExpressions, readKeyCondition } from "../../src/expressions/index.ts";
import { decryptItem, describeItem, encryptItem } from "../../src/item/index.ts";
import { comparableTime } from "../../src/keystore/create-time.ts";
import { parseRecord } from "../../src/keystore/record.ts";
import { parseKmsIdentifier } from "../../src/kms/index.ts";
import { encryptionContextOf, type Keyring } from "../../src/materials/index.ts";
import { checkJsonText } from "../../src/node/json-text.ts";
import { readCursor, writeCursor } from "../../src/reading/fan-out-cursor.ts";
import { parseLocation, parseSchema } from "../../src/schema/index.ts";
import { serializePartialHeader } from "../../src/structure/header.ts";
import { parseHeader } from "../../src/structure/index.ts";
import { itemFromJson, type JsonItem } from "../support/dynamodb-json.ts";
import { type BeaconVector, type ItemVector, javaVectors, type RequestVector } from "../support/item-vectors.ts";
import { cryptographyOf, isSupported, keyringOf, planOf } from "../support/java-config.ts";
import { readVectors } from "../support/vectors.ts";
import type { FuzzTarget } from "./fuzz.ts";

const items = javaVectors<ItemVector>("items.json").filter(({ config, header }) => header !== undefined && isSupported(config.keyring));
const stored = items.map(({ encrypted }) => itemFromJson(encrypted));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const bytesOf = (value: unknown): Uint8Array => Uint8Array.from(Buffer.from(typeof value === "string" ? value : JSON.stringify(value)));

/** Everything of which bytes, texts or JSON from outside are parsed. */
export function fuzzTargets(): readonly FuzzTarget[] {
  return [
    headers(),
    terminals(),
    numbers(),
    dataKeys(),
    storedItems(),
    keyStoreItems(),
    itemJson(),
    expressions(),
    schemas(),
    cursors(),
    texts(),
  ];
}

function headers(): FuzzTarget {
  return {
    name: "headers",
    corpus: stored.map((item) => item["aws_dbe_head"]?.B ?? new Uint8Array()),
    words: ["aws-kms", "aws-kms-hierarchy", "aws-crypto-", "es"],
    codes: ["ERR_HEADER_MALFORMED"],
    run(bytes) {
      const partial = serializePartialHeader(parseHeader(bytes));
      if (!bytesEqual(partial, bytes.subarray(0, -32))) throw new Error("another text of the same header was taken");
      describeItem({ aws_dbe_head: { B: bytes } });
    },
  };
}

/** `type (2) ‖ value`. */
function terminals(): FuzzTarget {
  const values = items.flatMap(({ plaintext }) => Object.values(itemFromJson(plaintext)));
  return {
    name: "terminals",
    corpus: values.map((value) => {
      const { typeId, value: bytes } = serializeAttributeValue(value);
      return Uint8Array.of(typeId >> 8, typeId & 255, ...bytes);
    }),
    words: ["\u0002\u0000", "\u0003\u0000", "\u0000\u0001\u0000\u0000\u0000\u0001", "-1E5"],
    // A number is looked at only when it is written.
    codes: ["ERR_ATTRIBUTE_MALFORMED", "ERR_NUMBER_INVALID"],
    run(bytes) {
      const [high = 0, low = 0] = bytes;
      const terminal: Terminal = { typeId: (high << 8) | low, value: bytes.subarray(2) };
      const written = serializeAttributeValue(deserializeAttributeValue(terminal));
      const again = serializeAttributeValue(deserializeAttributeValue(written));
      if (again.typeId !== written.typeId || !bytesEqual(again.value, written.value)) throw new Error("a value does not stay as it is");
    },
  };
}

function numbers(): FuzzTarget {
  const vectors = readVectors<{ readonly cases: readonly { readonly in: string }[] }>("java/numbers.json").cases;
  return {
    name: "numbers",
    corpus: vectors.map((vector) => bytesOf(vector.in)),
    words: ["E", "e+", "-", ".", "0", "9".repeat(40), "1E125", "1E-130", "00000000"],
    codes: ["ERR_NUMBER_INVALID", "ERR_EXPRESSION_INVALID"],
    run(bytes) {
      const normal = normalizeNumber(text(bytes));
      if (normalizeNumber(normal) !== normal) throw new Error("a normal form has another one");
      parseDecimal(normal);
    },
  };
}

/** `which keyring (1) ‖ length of the provider info (2) ‖ provider info ‖ ciphertext`. */
function dataKeys(): FuzzTarget {
  const kinds: Keyring[] = [];
  const providers: string[] = [];
  const corpus = items.flatMap(({ config, encrypted }) => {
    if (config.keyring.type === "multi") return [];
    const keyring = keyringOf(config.keyring);
    const { encryptedDataKeys } = parseHeader(itemFromJson(encrypted)["aws_dbe_head"]?.B ?? new Uint8Array());
    return encryptedDataKeys.map(({ keyProviderId, keyProviderInfo, ciphertext }) => {
      kinds.push(keyring);
      providers.push(keyProviderId);
      const length = keyProviderInfo.length;
      return Uint8Array.of(kinds.length - 1, length >> 8, length & 255, ...keyProviderInfo, ...ciphertext);
    });
  });
  const codes: ErrorCode[] = ["ERR_NOT_AUTHENTIC", "ERR_HEADER_MALFORMED", "ERR_BRANCH_KEY_NOT_FOUND", "ERR_BRANCH_KEY_ID_INVALID"];
  return {
    name: "data-keys",
    corpus,
    words: ["aws-kms-hierarchy", "key-1", "arn:aws:kms:us-east-1:000000000000:key/mrk-1"],
    codes,
    async run(bytes) {
      const [index = 0, high = 0, low = 0] = bytes;
      const end = 3 + ((high << 8) | low);
      const keyring = kinds[index % kinds.length] as Keyring;
      const encryptedDataKey = {
        keyProviderId: providers[index % kinds.length] ?? "",
        keyProviderInfo: bytes.subarray(3, end),
        ciphertext: bytes.subarray(end),
      };
      const materials = {
        algorithmSuite: hmacSuite,
        encryptionContext: encryptionContextOf({ "aws-crypto-attr.pk": "AAFh", "aws-crypto-partition-name": "pk" }),
        requiredEncryptionContextKeys: [],
        plaintextDataKey: undefined,
        symmetricSigningKey: undefined,
        verificationKey: undefined,
      };
      const { plaintextDataKey } = await keyring.onDecrypt(materials, [encryptedDataKey], {});
      if (plaintextDataKey !== undefined) throw new Error("a data key was unwrapped under another context");
    },
  };
}

/** `which item (1) ‖ attribute (1) ‖ its bytes`: one binary attribute of a stored item is replaced. */
function storedItems(): FuzzTarget {
  const some = items.flatMap(({ config, encrypted }) => {
    if (config.keyring.type === "raw-rsa") return [];
    return [{ cryptography: cryptographyOf(config), item: itemFromJson(encrypted) }];
  });
  const binaries = (item: AttributeMap): string[] =>
    Object.keys(item)
      .filter((name) => item[name]?.B !== undefined)
      .sort();
  const corpus = some.flatMap(({ item }, index) =>
    binaries(item).map((name, attribute) => Uint8Array.of(index, attribute, ...(item[name]?.B ?? []))),
  );
  return {
    name: "stored-items",
    corpus,
    words: [],
    codes: [
      ...(["ERR_HEADER_MALFORMED", "ERR_FOOTER_MALFORMED", "ERR_LEGEND_MISMATCH", "ERR_NOT_AUTHENTIC"] as const),
      // The context would not fit a header; and the provider is another.
      ...(["ERR_LIMIT_EXCEEDED", "ERR_NO_KEY_MATCHES"] as const),
    ],
    async run(bytes) {
      const [index = 0, attribute = 0] = bytes;
      const chosen = some[index % some.length];
      if (chosen === undefined) return;
      const names = binaries(chosen.item);
      const name = names[attribute % names.length] ?? "";
      const B = bytes.subarray(2);
      const before = chosen.item[name]?.B ?? new Uint8Array();
      const changed = name === "aws_dbe_foot" ? !holdsTagOf(before, B, recipientsOf(chosen.item)) : !bytesEqual(B, before);
      await decryptItem(chosen.cryptography, { ...chosen.item, [name]: { B } }, {});
      if (changed && name !== "unsigned" && chosen.cryptography.plan.actions.get(name) !== "DO_NOTHING")
        throw new Error(`a changed ${name} was taken`);
    },
  };
}

function recipientsOf(item: AttributeMap): number {
  return parseHeader(item["aws_dbe_head"]?.B ?? new Uint8Array()).encryptedDataKeys.length;
}

/**
 * Whether a changed footer may still be taken: a reader cannot check the tags of other recipients, so that one of the tags
 * and the whole signature have to be what they were.
 *
 * @see specification/structured-encryption/footer.md "Recipient Tag Verification"
 */
function holdsTagOf(before: Uint8Array, now: Uint8Array, recipients: number): boolean {
  const tagsIn = (footer: Uint8Array): Uint8Array[] => Array.from({ length: recipients }, (_, i) => footer.subarray(48 * i, 48 * i + 48));
  const known = tagsIn(before);
  return (
    tagsIn(now).some((tag) => known.some((one) => bytesEqual(one, tag))) &&
    bytesEqual(before.subarray(48 * recipients), now.subarray(48 * recipients))
  );
}

function keyStoreItems(): FuzzTarget {
  const { keyStoreRows } = readVectors<{ readonly keyStoreRows: readonly JsonItem[] }>("java/hierarchical-kms.json");
  const logicalKeyStoreName = "GenLogicalKeyStore";
  return {
    name: "key-store-items",
    json: true,
    corpus: keyStoreRows.map(bytesOf),
    words: ['"S"', '"N"', '"B"', "hierarchy-version", "branch:ACTIVE", "tablename", "__proto__", "aws:rep:deleting", "null", "2"],
    codes: ["ERR_BRANCH_KEY_ROW_MALFORMED", "ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED"],
    run(bytes) {
      const row = jsonItem(bytes);
      if (row === undefined) return;
      const [branchKeyId, type] = [row["branch-key-id"]?.S ?? "", row["type"]?.S ?? ""];
      const site = { tableName: "t", branchKeyId, type };
      parseRecord(
        row,
        { ...site, logicalKeyStoreName },
        {
          malformed: (field) => new DynasealError("ERR_BRANCH_KEY_ROW_MALFORMED", { details: { ...site, field } }),
          unsupported: (hierarchyVersion) =>
            new DynasealError("ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED", { details: { ...site, hierarchyVersion } }),
        },
      );
    },
  };
}

/** An item as anybody's code or JSON may hold it, to be encrypted, described and decrypted. */
function itemJson(): FuzzTarget {
  const [first] = items;
  const config = { ...first?.config, attributeActionsOnEncrypt: { ...first?.config.attributeActionsOnEncrypt } } as ItemVector["config"];
  const cryptography = cryptographyOf(config);
  const plan = { ...planOf(config), otherAttributes: "ENCRYPT_AND_SIGN" as const };
  return {
    name: "item-json",
    json: true,
    corpus: [...items.map(({ plaintext }) => bytesOf(plaintext)), ...items.slice(0, 20).map(({ encrypted }) => bytesOf(encrypted))],
    words: [
      '"S"',
      '"M":{}',
      '"L":[]',
      '"NULL":true',
      '"BOOL":1',
      "null",
      "[]",
      "{}",
      '"__proto__":',
      "aws_dbe_head",
      '"N":"1E999"',
      "[[",
      "1",
    ],
    codes: [
      ...(["ERR_KEY_MISSING", "ERR_ATTRIBUTE_NOT_SERIALIZABLE", "ERR_NUMBER_INVALID", "ERR_RESERVED_NAME", "ERR_ITEM_TOO_LARGE"] as const),
      ...(["ERR_LIMIT_EXCEEDED", "ERR_ATTRIBUTE_NOT_CONFIGURED", "ERR_INVALID_ARGUMENT", "ERR_CONTEXT_ATTRIBUTE_MISSING"] as const),
    ],
    async run(bytes) {
      const item = jsonItem(bytes);
      if (item === undefined) return;
      await expectOwn(() => describeItem(item));
      await expectOwn(() => decryptItem(cryptography, item, {}));
      await encryptItem({ ...cryptography, plan }, item, {});
    },
  };
}

async function expectOwn(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof DynasealError)) throw error;
  }
}

/** JSON as it stands, and with base64 in the place of binary as bytes; `undefined` where it is no object. */
function jsonItem(bytes: Uint8Array): AttributeMap | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text(bytes), (name, value: unknown) =>
      name === "B" && typeof value === "string" ? Uint8Array.from(Buffer.from(value, "base64")) : value,
    );
  } catch {
    return undefined;
  }
  return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as AttributeMap) : undefined;
}

function expressions(): FuzzTarget {
  const requests = [
    ...javaVectors<RequestVector>("requests.json"),
    ...javaVectors<BeaconVector>("beacons.json").flatMap((vector) => vector.requests ?? []),
  ].map(({ params }) => params);
  const names = ["UpdateExpression", "ConditionExpression", "KeyConditionExpression", "FilterExpression", "ProjectionExpression"];
  const corpus = requests.filter((params) => names.some((name) => name in params)).map(bytesOf);
  return {
    name: "expressions",
    json: true,
    corpus,
    words: [
      ..."SET|REMOVE|ADD|DELETE|AND|OR|NOT|BETWEEN|IN|(|)|((((|,|=|<>|:v|#n|a.b[0]|[|]|attribute_exists(|size(|begins_with(|contains(".split(
        "|",
      ),
      "NOT ".repeat(50),
    ],
    codes: ["ERR_EXPRESSION_INVALID"],
    run(bytes) {
      const parameters = jsonItem(bytes) as Parameters<typeof parseExpressions>[0] | undefined;
      if (parameters === undefined) return;
      const { keyCondition } = parseExpressions(parameters);
      if (keyCondition !== undefined) readKeyCondition(keyCondition, { partition: ["pk"], sort: ["sk"] });
    },
  };
}

function schemas(): FuzzTarget {
  const files = ["customers", "searchable-customers"].map((name) => new URL(`../../schemas/${name}.table.json`, import.meta.url));
  return {
    name: "schemas",
    json: true,
    corpus: files.map((file) => Uint8Array.from(readFileSync(file))),
    words: [
      '"beacon":',
      '"length": 64',
      '"__proto__": ',
      '"action": ',
      '"ENCRYPT_AND_SIGN"',
      "{",
      "}",
      "[",
      "null",
      "1e999",
      '"virtualFields": ',
      '"\\ud800"',
      '"style": "shared"',
    ],
    codes: ["ERR_SCHEMA_SYNTAX", "ERR_SCHEMA_INVALID"],
    run(bytes) {
      checkJsonText(text(bytes), "fuzz.table.json");
      parseSchema(JSON.parse(text(bytes)), { file: "fuzz.table.json" });
    },
  };
}

function cursors(): FuzzTarget {
  const scope = { key: new SecretBytes(new Uint8Array(64).fill(3)), shape: '["t","pk = :v"]', queries: 4 };
  const key: AttributeMap = { pk: { S: "a" }, sk: { N: "1" }, b: { B: Uint8Array.of(1, 2) } };
  const written = [writeCursor(["start", "finished", key, key], scope), writeCursor(["start", "start", "start", key], scope)].map((start) =>
    bytesOf(start?.["aws_dbe_cursor"]?.S ?? ""),
  );
  return {
    name: "cursors",
    corpus: written,
    words: ["1.", ".", "[0,1]", "[]", '{"pk":{"S":"a"}}', "AAAA"],
    codes: ["ERR_INVALID_ARGUMENT"],
    run(bytes) {
      readCursor({ aws_dbe_cursor: { S: text(bytes) } }, scope);
      if (!written.some((known) => bytesEqual(known, bytes))) throw new Error("a cursor was taken that nobody wrote");
    },
  };
}

/** Small texts for which a parser says that they are none, and never throws. */
function texts(): FuzzTarget {
  const arn = "arn:aws:kms:us-east-1:000000000000:key/mrk-0123456789abcdef0123456789abcdef";
  return {
    name: "texts",
    corpus: [arn, arn.replace("key/", "alias/"), "alias/a", "2026-11-25T17:54:00.000218Z", "2026-11-25T17:54:00:000218Z", "a.b[0].c"].map(
      bytesOf,
    ),
    words: ["arn:", ":", "/", "mrk-", "alias/", ".", "[", "]", "[0]", "T", "Z", "2026"],
    codes: [],
    run(bytes) {
      for (const parse of [parseKmsIdentifier, comparableTime, parseLocation]) parse(text(bytes));
    },
  };
}
