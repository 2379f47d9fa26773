import { describe, expect, it } from "vitest";
import { DynasealError } from "../../src/errors/index.ts";
import { multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { decryptWith, encryptWith, expectRoundTrip } from "../support/keyring-round-trip.ts";

const aes = (name: string, fill = 1): Keyring =>
  rawAesKeyring({ keyNamespace: "tests", keyName: name, wrappingKey: new Uint8Array(32).fill(fill) });
const failing = (error: unknown): Keyring => ({
  onEncrypt: () => Promise.reject(error),
  onDecrypt: () => Promise.reject(error),
});
const denied = new DynasealError("ERR_KMS_ACCESS_DENIED", { details: { operation: "Decrypt", region: "eu-west-1", keyId: "k" } });

// @see framework/keyring-interface.md "Decrypt Data Key"
// @see framework/multi-keyring.md "Inputs", "Generator Keyring", "Child Keyrings", "OnEncrypt", "OnDecrypt"
describe("multiKeyring", () => {
  it("adds one encrypted data key a keyring, generator first, and any one reads", async () => {
    const multi = multiKeyring({ generator: aes("a"), children: [aes("b", 2), aes("c", 3)] });
    const written = await expectRoundTrip(multi);
    expect(written.encryptedDataKeys.map((key) => Buffer.from(key.keyProviderInfo.subarray(0, 1)).toString())).toEqual(["a", "b", "c"]);
    expect(written.symmetricSigningKeys).toHaveLength(3);
    for (const [index, one] of [aes("a"), aes("b", 2), aes("c", 3)].entries()) {
      const read = await decryptWith(one, written);
      expect(read.plaintextDataKey.reveal()).toEqual(written.plaintextDataKey.reveal());
      expect(read.symmetricSigningKey.reveal()).toEqual(written.symmetricSigningKeys[index]?.reveal());
    }
  });

  it("nests as a child without generator", async () => {
    const multi = multiKeyring({ generator: aes("a"), children: [multiKeyring({ children: [aes("b", 2), aes("c", 3)] })] });
    expect((await expectRoundTrip(multi, aes("c", 3))).encryptedDataKeys).toHaveLength(3);
  });

  it("reads through a child although the generator fails", async () => {
    const written = await encryptWith(aes("b"));
    await expect(decryptWith(multiKeyring({ generator: failing(denied), children: [aes("b")] }), written)).resolves.toBeDefined();
    await expect(decryptWith(multiKeyring({ generator: aes("a"), children: [aes("b")] }), written)).resolves.toBeDefined();
  });

  it("refuses to write without generator, and with one where the data key is there", async () => {
    await expect(encryptWith(multiKeyring({ children: [aes("a")] }))).rejects.toMatchObject({ code: "ERR_GENERATOR_MISSING" });
    const nested = multiKeyring({ generator: aes("a"), children: [multiKeyring({ generator: aes("b"), children: [] })] });
    await expect(encryptWith(nested)).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
  });

  it("refuses a keyring that sets no data key, and a child that replaces it", async () => {
    const lazy: Keyring = { onEncrypt: async (materials) => materials, onDecrypt: async (materials) => materials };
    await expect(encryptWith(multiKeyring({ generator: lazy }))).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
    const replacing: Keyring = {
      onEncrypt: (materials, call) => aes("x").onEncrypt({ ...materials, plaintextDataKey: undefined }, call),
      onDecrypt: async (materials) => materials,
    };
    await expect(encryptWith(multiKeyring({ generator: aes("a"), children: [replacing] }))).rejects.toMatchObject({
      code: "ERR_MATERIALS_INVALID",
    });
  });

  it("fails as a whole when one child fails to write", async () => {
    await expect(encryptWith(multiKeyring({ generator: aes("a"), children: [failing(denied)] }))).rejects.toBe(denied);
  });

  it("throws the only error as it is, and of several the one that tells most", async () => {
    const written = await encryptWith(aes("a"));
    await expect(decryptWith(multiKeyring({ generator: failing(denied), children: [aes("z")] }), written)).rejects.toBe(denied);
    const wrongKey = aes("a", 9);
    const several = decryptWith(multiKeyring({ generator: wrongKey, children: [failing(denied)] }), written);
    await expect(several).rejects.toMatchObject({
      code: "ERR_KMS_ACCESS_DENIED",
      details: { region: "eu-west-1" },
      cause: { message: "ERR_NOT_AUTHENTIC, ERR_KMS_ACCESS_DENIED" },
    });
    await expect(decryptWith(multiKeyring({ generator: wrongKey, children: [wrongKey] }), written)).rejects.toMatchObject({
      code: "ERR_NOT_AUTHENTIC",
    });
  });

  it("says that no key matches where no keyring owns one, and stops at an abort", async () => {
    const written = await encryptWith(aes("a"));
    await expect(decryptWith(multiKeyring({ children: [aes("y"), aes("z")] }), written)).rejects.toMatchObject({
      code: "ERR_NO_KEY_MATCHES",
    });
    const aborted = new DynasealError("ERR_ABORTED", { details: {} });
    await expect(decryptWith(multiKeyring({ generator: failing(aborted), children: [aes("a")] }), written)).rejects.toBe(aborted);
  });

  it.each([[{}], [{ children: [] }], [{ generator: {} as Keyring }], [{ children: [null as unknown as Keyring] }]])(
    "refuses %o",
    (options) => {
      expect(() => multiKeyring(options)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    },
  );
});
