import { describe, expect, it } from "vitest";
import { ecdsaSuite, hmacSuite } from "../../src/crypto/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defaultCmm, encryptionContextOf, type Keyring } from "../../src/materials/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(2) });
const encryptionContext = encryptionContextOf({ table: "t", tenant: "a" });
const request = { algorithmSuite: hmacSuite, encryptionContext, requiredEncryptionContextKeys: ["tenant"] };

// @see framework/cmm-interface.md "Overview", "Encryption Materials Request", "Decrypt Materials Request", "Behaviors"
// @see framework/cmm-interface.md "Get Encryption Materials", "Decrypt Materials"
// @see framework/default-cmm.md "Initialization", "Get Encryption Materials", "Decrypt Materials"
// @see framework/keyring-interface.md "Overview", "OnEncrypt", "Generate Data Key", "Encrypt Data Key", "OnDecrypt"
// @see framework/keyring-interface.md "Security Considerations"
// @see framework/structures.md "Ciphertext", "Structure", "Overview", "Encrypted Data Keys", "Plaintext Data Key", "Signing Key"
// @see framework/structures.md "Required Encryption Context Keys", "Symmetric Signing Keys", "Fields", "Verification Key"
// @see framework/structures.md "Symmetric Signing Key"
describe("the default CMM", () => {
  it("gives materials that the reader's agree with", async () => {
    const cmm = defaultCmm(keyring);
    const { encryptedDataKeys, plaintextDataKey, symmetricSigningKeys } = await cmm.getEncryptionMaterials(request, {});
    const read = await cmm.decryptMaterials(
      {
        algorithmSuite: hmacSuite,
        encryptionContext: encryptionContextOf({ table: "t" }),
        reproducedEncryptionContext: encryptionContextOf({ tenant: "a", table: "t" }),
        encryptedDataKeys,
      },
      {},
    );
    expect(read.plaintextDataKey.reveal()).toEqual(plaintextDataKey.reveal());
    expect(read.symmetricSigningKey.reveal()).toEqual(symmetricSigningKeys[0]?.reveal());
    expect(read.requiredEncryptionContextKeys).toEqual(["tenant"]);
  });

  it("refuses reserved, missing and disagreeing context keys", async () => {
    const cmm = defaultCmm(keyring);
    const reserved = {
      ...request,
      encryptionContext: encryptionContextOf({ "aws-crypto-public-key": "x" }),
      requiredEncryptionContextKeys: [],
    };
    await expect(cmm.getEncryptionMaterials(reserved, {})).rejects.toMatchObject({ code: "ERR_ENCRYPTION_CONTEXT_RESERVED" });
    const missing = { ...request, requiredEncryptionContextKeys: ["absent"] };
    await expect(cmm.getEncryptionMaterials(missing, {})).rejects.toMatchObject({ code: "ERR_REQUIRED_CONTEXT_KEY_MISSING" });
    const { encryptedDataKeys } = await cmm.getEncryptionMaterials(request, {});
    const other = {
      algorithmSuite: hmacSuite,
      encryptionContext,
      reproducedEncryptionContext: encryptionContextOf({ tenant: "b" }),
      encryptedDataKeys,
    };
    await expect(cmm.decryptMaterials(other, {})).rejects.toMatchObject({
      code: "ERR_ENCRYPTION_CONTEXT_MISMATCH",
      details: { key: "tenant" },
    });
  });

  it("refuses a signed suite without its public key", async () => {
    const cmm = defaultCmm(keyring);
    const { encryptedDataKeys } = await cmm.getEncryptionMaterials(request, {});
    const unsigned = {
      algorithmSuite: ecdsaSuite,
      encryptionContext,
      reproducedEncryptionContext: encryptionContextOf(),
      encryptedDataKeys,
    };
    await expect(cmm.decryptMaterials(unsigned, {})).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("refuses an unsigned suite with a public key, though all else is authentic", async () => {
    const signed = encryptionContextOf(encryptionContext, { "aws-crypto-public-key": "Aw==" });
    const materials = { algorithmSuite: hmacSuite, encryptionContext: signed, requiredEncryptionContextKeys: [], encryptedDataKeys: [] };
    const written = await keyring.onEncrypt(
      { ...materials, symmetricSigningKeys: [], plaintextDataKey: undefined, signingKey: undefined },
      {},
    );
    const { encryptedDataKeys } = written;
    for (const [stored, reproduced] of [
      [signed, encryptionContextOf()],
      [encryptionContext, signed],
    ] as const) {
      const asked = { algorithmSuite: hmacSuite, encryptionContext: stored, reproducedEncryptionContext: reproduced, encryptedDataKeys };
      await expect(defaultCmm(keyring).decryptMaterials(asked, {})).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
  });

  it("refuses a keyring that sets no data key, or no signing key for each encrypted one", async () => {
    const idle: Keyring = { onEncrypt: async (materials) => materials, onDecrypt: async (materials) => materials };
    await expect(defaultCmm(idle).getEncryptionMaterials(request, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
    const unsigned: Keyring = {
      ...idle,
      onEncrypt: async (materials, call) => ({ ...(await keyring.onEncrypt(materials, call)), symmetricSigningKeys: [] }),
    };
    await expect(defaultCmm(unsigned).getEncryptionMaterials(request, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
  });

  it("keeps required context keys required, whatever a foreign keyring returns", async () => {
    const forgetful: Keyring = {
      onEncrypt: async (materials, call) => ({ ...(await keyring.onEncrypt(materials, call)), requiredEncryptionContextKeys: [] }),
      async onDecrypt(materials, keys, call) {
        const read = await keyring.onDecrypt(materials, keys, call);
        return { ...read, requiredEncryptionContextKeys: [], verificationKey: new Uint8Array(49) };
      },
    };
    const cmm = defaultCmm(forgetful);
    const written = await cmm.getEncryptionMaterials(request, {});
    expect(written.requiredEncryptionContextKeys).toEqual(["tenant"]);
    const read = await cmm.decryptMaterials(
      {
        algorithmSuite: hmacSuite,
        encryptionContext: encryptionContextOf({ table: "t" }),
        reproducedEncryptionContext: encryptionContext,
        encryptedDataKeys: written.encryptedDataKeys,
      },
      {},
    );
    expect(read.requiredEncryptionContextKeys).toEqual(["tenant"]);
    expect(read.verificationKey).toBeUndefined();
  });

  it("gives a foreign keyring required context keys that it cannot change", async () => {
    const meddling: Keyring = {
      onEncrypt: async (materials, call) => {
        (materials.requiredEncryptionContextKeys as string[]).length = 0;
        return keyring.onEncrypt(materials, call);
      },
      onDecrypt: async (materials) => materials,
    };
    await expect(defaultCmm(meddling).getEncryptionMaterials(request, {})).rejects.toThrow(TypeError);
    expect(request.requiredEncryptionContextKeys).toEqual(["tenant"]);
  });

  it("refuses a keyring that reads under another suite or context", async () => {
    const { encryptedDataKeys } = await defaultCmm(keyring).getEncryptionMaterials(request, {});
    const stored = { algorithmSuite: hmacSuite, encryptionContext, reproducedEncryptionContext: encryptionContext, encryptedDataKeys };
    for (const change of [{ algorithmSuite: ecdsaSuite }, { encryptionContext: encryptionContextOf({ table: "t", tenant: "a" }) }]) {
      const changing: Keyring = { ...keyring, onDecrypt: async (...asked) => ({ ...(await keyring.onDecrypt(...asked)), ...change }) };
      await expect(defaultCmm(changing).decryptMaterials(stored, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
    }
  });
});
