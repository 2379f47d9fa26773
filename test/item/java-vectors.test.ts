import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { decryptItem, describeItem, encryptItem } from "../../src/item/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { cryptographyOf, isSupported, type JavaConfig } from "../support/java-config.ts";
import { readVectors } from "../support/vectors.ts";

interface ItemCase {
  readonly name: string;
  readonly config: JavaConfig;
  readonly plaintext: JsonItem;
  readonly encrypted?: JsonItem;
  readonly decrypted?: JsonItem;
  readonly header?: {
    readonly algorithmSuiteId: string;
    readonly encryptionContext: Readonly<Record<string, string>>;
    readonly storedEncryptionContext: Readonly<Record<string, string>>;
    readonly encryptedDataKeys: readonly { readonly keyProviderId: string }[];
  };
  readonly alsoDecryptWith?: readonly {
    readonly why: string;
    readonly config: JavaConfig;
    readonly same?: boolean;
    readonly error?: unknown;
  }[];
  readonly storedAsPlaintext?: boolean;
  readonly decryptOfPlaintext?: JsonItem & { readonly error?: unknown };
  readonly encryptedByOthers?: JsonItem;
}

interface NegativeCase {
  readonly name: string;
  readonly config: JavaConfig;
  readonly item: JsonItem;
  readonly decrypted?: JsonItem;
}

const items = readVectors<{ cases: readonly ItemCase[] }>("java/items.json").cases;
const negatives = readVectors<{ cases: readonly NegativeCase[] }>("java/negative.json").cases;

/** What ought to come out where Java's answer is told apart by the order of map keys only. */
const sorted = (json: JsonItem): JsonItem => itemToJson(itemFromJson(json));

// @see specification/dynamodb-encryption-client/decrypt-item.md "Input", "Input DynamoDB Item", "Output", "Parsed Header", "Behavior"
// @see specification/dynamodb-encryption-client/decrypt-item.md "DynamoDB Item Base Context", "Signature Scope"
// @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context", "DynamoDB Item Base Context Version 1"
// @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context Version 2", "Base Context Value Version 1"
// @see specification/dynamodb-encryption-client/encrypt-item.md "Base Context Value Version 2"
// @see specification/dynamodb-encryption-client/string-ordering.md "UTF-16 Binary Order"
// @see specification/structured-encryption/decrypt-path-structure.md "Encryption Context", "Retrieve Decryption Materials"
// @see specification/structured-encryption/decrypt-path-structure.md "Create New Encryption Context and CMM", "Parsed Header", "Output"
// @see specification/structured-encryption/encrypt-path-structure.md "Crypto List", "Algorithm Suite", "Output"
// @see specification/structured-encryption/encrypt-path-structure.md "Retrieve Encryption Materials"
// @see specification/structured-encryption/encrypt-path-structure.md "Create New Encryption Context and CMM"
// @see specification/structured-encryption/encrypt-path-structure.md "Encryption Context Naming", "Calculate Info"
// @see specification/structured-encryption/encrypt-path-structure.md "Calculate Cipherkey and Nonce"
// @see specification/structured-encryption/footer.md "Canonical Encrypted Field", "Canonical Plaintext Field", "Canonical Record"
// @see specification/structured-encryption/footer.md "Hash Calculation"
// @see specification/structured-encryption/header.md "Canonical Path", "Commit Key"
// @see framework/algorithm-suites.md "Supported Algorithm Suites", "Algorithm Suites Signature Settings", "Structure"
// @see framework/algorithm-suites.md "Algorithm Suite ID", "Encryption Algorithm", "Message Format Version", "Overview"
// @see framework/algorithm-suites.md "Encryption Key Derivation Algorithm", "Commit Key Derivation Algorithm"
// @see framework/transitive-requirements.md "ECDSA"
describe("items that Java wrote", () => {
  const cases = items.filter((vector) => vector.storedAsPlaintext === undefined);

  it.each(cases.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
    expect(isSupported(vector.config.keyring), "a keyring type that the tests do not know").toBe(true);
    const cryptography = cryptographyOf(vector.config);
    const stored = itemFromJson(vector.encrypted ?? {});
    const expected = sorted(vector.decrypted ?? vector.plaintext);
    const { item, header } = await decryptItem(cryptography, stored, {});
    expect(itemToJson(item)).toEqual(expected);
    expect(header?.algorithmSuiteId).toBe(vector.header?.algorithmSuiteId);
    expect({ ...header?.encryptionContext }).toEqual(vector.header?.encryptionContext);
    expect({ ...describeItem(stored).encryptionContext }).toEqual(vector.header?.storedEncryptionContext);
    expect(header?.encryptedDataKeys.map((key) => key.keyProviderId)).toEqual(
      vector.header?.encryptedDataKeys.map((key) => key.keyProviderId),
    );

    const ours = await encryptItem(cryptography, itemFromJson(vector.plaintext), {});
    expect(itemToJson((await decryptItem(cryptography, ours.item, {})).item)).toEqual(expected);

    for (const other of vector.alsoDecryptWith ?? []) {
      const again = decryptItem(cryptographyOf(other.config), stored, {}).then((result) => itemToJson(result.item));
      if (other.error === undefined) await expect(again, other.why).resolves.toEqual(expected);
      else await expect(again, other.why).rejects.toHaveProperty("code");
    }
  });
});

describe("plaintext override, as Java", () => {
  const cases = items.filter((vector) => vector.storedAsPlaintext !== undefined);

  it.each(cases.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
    const cryptography = cryptographyOf(vector.config);
    const plaintext = itemFromJson(vector.plaintext);
    const events: string[] = [];
    const call = { onEvent: (event: { type: string }) => events.push(event.type) };
    const { item } = await encryptItem(cryptography, plaintext, call);
    expect(!("aws_dbe_head" in item)).toBe(vector.storedAsPlaintext);
    expect(events).toEqual(vector.storedAsPlaintext === true ? ["plaintext-write"] : []);
    const read = decryptItem(cryptography, plaintext, call);
    if (vector.decryptOfPlaintext?.error !== undefined) await expect(read).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
    else {
      expect(itemToJson((await read).item)).toEqual(sorted(vector.decryptOfPlaintext ?? {}));
      expect(events).toContain("plaintext-read");
    }
    const others = await decryptItem(cryptography, itemFromJson(vector.encryptedByOthers ?? {}), {});
    expect(itemToJson(others.item)).toEqual(sorted(vector.plaintext));
  });
});

/** Which code answers which kind of tampering; the first pattern that matches the case's name counts. */
const codes: readonly (readonly [RegExp, string])[] = [
  [/header missing|footer missing/, "ERR_ITEM_REMNANT"],
  [/header, (version|legend|context count|one byte)|header empty|header a string/, "ERR_HEADER_MALFORMED"],
  [/footer, (one byte|no signature)|footer empty|footer a string|one tag dropped/, "ERR_FOOTER_MALFORMED"],
  [/key dropped/, "ERR_KEY_MISSING"],
  [/a plaintext item/, "ERR_ITEM_NOT_ENCRYPTED"],
  [/attribute (dropped|added)|configuration added|configured as (un)?signed/, "ERR_LEGEND_MISMATCH"],
  [/another key name|another key namespace/, "ERR_NO_KEY_MATCHES"],
  [/./, "ERR_NOT_AUTHENTIC"],
];

// @see specification/structured-encryption/decrypt-path-structure.md "Auth List", "Parse the Header", "Input", "Behavior"
// @see specification/structured-encryption/decrypt-path-structure.md "Verify Signatures", "Construct Decrypted Structured Data"
// @see specification/structured-encryption/decrypt-path-structure.md "Terminal Data Decryption"
// @see specification/structured-encryption/footer.md "Recipient Tag Verification", "Signature Verification"
// @see specification/structured-encryption/header.md "Commitment Verification"
// @see framework/algorithm-suites.md "Asymmetric Signature Algorithm", "Symmetric Signature Algorithm"
describe("tampering, as Java sees it", () => {
  it.each(negatives.map((vector) => [vector.name, vector] as const))("%s", async (name, vector) => {
    const result = decryptItem(cryptographyOf(vector.config), itemFromJson(vector.item), {}).then((decrypted) =>
      itemToJson(decrypted.item),
    );
    if (vector.decrypted !== undefined) {
      await expect(result).resolves.toEqual(sorted(vector.decrypted));
      return;
    }
    const error = await result.catch((reason: unknown) => reason);
    // A flipped byte of the data key's header may hit the provider's name or the key itself.
    const expected = /data key flipped/.test(name)
      ? ["ERR_NO_KEY_MATCHES", "ERR_NOT_AUTHENTIC", "ERR_HEADER_MALFORMED"]
      : [codes.find(([pattern]) => pattern.test(name))?.[1]];
    expect(isDynasealError(error) ? error.code : error).toSatisfy(
      (code: string) => expected.includes(code),
      `one of ${expected.join(", ")}`,
    );
  });
});
