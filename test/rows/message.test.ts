import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ByteWriter, concatBytes, fromBase64, SecretBytes, toBase64, utf8 } from "../../src/bytes/index.ts";
import { generateSigningKey, type SigningKey, systemRandomness } from "../../src/crypto/index.ts";
import { DynasealError, isDynasealError } from "../../src/errors/index.ts";
import { type EncryptionContext, encryptionContextOf } from "../../src/materials/index.ts";
import { messageSuiteByCode, openMessage, parseMessage, sealMessage } from "../../src/rows/index.ts";

interface Published {
  readonly committing: readonly {
    readonly suite: string;
    readonly message: string;
    readonly dataKey: string;
    readonly plaintext: string;
  }[];
  readonly refused: readonly { readonly suite: string; readonly message: string }[];
}

const published = JSON.parse(readFileSync(new URL("../vectors/messages/client-node.json", import.meta.url), "utf8")) as Published;
const none = encryptionContextOf();
const bound = encryptionContextOf({ table: "customers", column: "email", pk: "42" });

function bytes(text: string): Uint8Array {
  const decoded = fromBase64(text);
  if (decoded === undefined) throw new TypeError("not base64");
  return decoded;
}

async function open(message: Uint8Array, dataKey: Uint8Array, requiredContext: EncryptionContext = none): Promise<Uint8Array> {
  const parsed = parseMessage(message, 32);
  const publicKey = parsed.header.encryptionContext["aws-crypto-public-key"];
  const verificationKey = publicKey === undefined ? undefined : fromBase64(publicKey);
  return openMessage(parsed, { requiredContext, dataKey: new SecretBytes(dataKey), verificationKey });
}

async function seal(
  code: number,
  plaintext: Uint8Array,
  frameLength = 4096,
  dataKeys = 1,
): Promise<{ message: Uint8Array; dataKey: Uint8Array }> {
  const suite = messageSuiteByCode(code);
  if (suite === undefined) throw new TypeError("no such suite");
  const signingKey: SigningKey | undefined = suite.signed ? await generateSigningKey() : undefined;
  const encryptionContext = encryptionContextOf(
    signingKey === undefined ? {} : { "aws-crypto-public-key": toBase64(signingKey.publicKey) },
  );
  const dataKey = systemRandomness.bytes(32);
  const key = { keyProviderId: "p", keyProviderInfo: utf8("i"), ciphertext: utf8("c") };
  const encryptedDataKeys = Array.from({ length: dataKeys }, () => key);
  const header = { suite, messageId: systemRandomness.bytes(32), encryptionContext, encryptedDataKeys, frameLength };
  return {
    message: await sealMessage({ header, requiredContext: bound, dataKey: new SecretBytes(dataKey), signingKey }, plaintext),
    dataKey,
  };
}

async function codeOf(attempt: () => unknown): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (!isDynasealError(error)) throw error;
    expect(error).toBeInstanceOf(DynasealError);
    return error.code;
  }
}

describe("messages of AWS's library", () => {
  it.each(published.committing.map((vector, index) => ({ ...vector, index })))("opens $suite, number $index", async (vector) => {
    expect(toBase64(await open(bytes(vector.message), bytes(vector.dataKey)))).toBe(vector.plaintext);
  });

  it.each(published.refused)("refuses format 1, $suite", async ({ message }) => {
    expect(await codeOf(() => parseMessage(bytes(message), 32))).toBe("ERR_MESSAGE_NOT_COMMITTING");
  });
});

// @see data-format/message-body.md "Framed Data"
describe.each([0x0478, 0x0578])("a message of suite %i", (code) => {
  it.each([0, 1, 12, 13, 14, 26, 40])("opens to its %i bytes in frames of 13", async (length) => {
    const plaintext = systemRandomness.bytes(length);
    const { message, dataKey } = await seal(code, plaintext, 13);
    expect(toBase64(await open(message, dataKey, bound))).toBe(toBase64(plaintext));
  });

  it("is refused under another required context, data key, or without its end", async () => {
    const { message, dataKey } = await seal(code, utf8("secret"));
    const moved = encryptionContextOf(bound, { pk: "43" });
    expect(await codeOf(() => open(message, dataKey, moved))).toBe("ERR_MESSAGE_NOT_AUTHENTIC");
    expect(await codeOf(() => open(message, systemRandomness.bytes(32), bound))).toBe("ERR_MESSAGE_NOT_AUTHENTIC");
    expect(await codeOf(() => open(concatBytes(message, Uint8Array.of(0)), dataKey, bound))).toBe("ERR_MESSAGE_MALFORMED");
    for (let end = 0; end < message.length; end++) {
      expect(await codeOf(() => open(message.subarray(0, end), dataKey, bound))).toBe("ERR_MESSAGE_MALFORMED");
    }
  });

  it("is refused whichever bit is flipped", async () => {
    const { message, dataKey } = await seal(code, utf8("secret"));
    for (let bit = 0; bit < message.length * 8; bit++) {
      const flipped = Uint8Array.from(message);
      flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const refusal = await codeOf(() => open(flipped, dataKey, bound));
      expect(refusal, `bit ${bit}`).toMatch(/^ERR_(MESSAGE_(MALFORMED|NOT_COMMITTING|NOT_AUTHENTIC)|LIMIT_EXCEEDED)$/);
    }
  });

  it("is read with as many encrypted data keys as are allowed", async () => {
    const { message } = await seal(code, utf8("secret"), 4096, 3);
    expect(parseMessage(message, 3).header.encryptedDataKeys).toHaveLength(3);
    expect(await codeOf(() => parseMessage(message, 2))).toBe("ERR_LIMIT_EXCEEDED");
  });
});

describe("a header that claims more than it has", () => {
  it("is refused before anything is allocated", async () => {
    const claims = new ByteWriter(64).uint8(2).uint16(0x0478).bytes(new Uint8Array(32)).uint16(0xffff).finish();
    expect(await codeOf(() => parseMessage(claims, 32))).toBe("ERR_MESSAGE_MALFORMED");
  });

  it("is refused under a suite that does not commit", async () => {
    const other = new ByteWriter(64).uint8(2).uint16(0x0178).bytes(new Uint8Array(32)).finish();
    expect(await codeOf(() => parseMessage(other, 32))).toBe("ERR_MESSAGE_NOT_COMMITTING");
  });
});
