import { describe, expect, it } from "vitest";
import { hmacSuite } from "../../src/crypto/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import {
  type CryptographicMaterialsManager,
  defaultCmm,
  encryptionContextOf,
  requiredEncryptionContextCmm,
} from "../../src/materials/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "tests", keyName: "key", wrappingKey: new Uint8Array(32) });
const cmm = requiredEncryptionContextCmm({ requiredEncryptionContextKeys: ["tenant"], underlying: keyring });
const stored = encryptionContextOf({ table: "customers" });
const tenant = encryptionContextOf({ tenant: "blue" });
const toWrite = {
  algorithmSuite: hmacSuite,
  encryptionContext: encryptionContextOf(stored, tenant),
  requiredEncryptionContextKeys: ["table"],
};

// @see framework/required-encryption-context-cmm.md "Overview", "Initialization", "Get Encryption Materials", "Decrypt Materials"
describe("requiredEncryptionContextCmm", () => {
  it("asks for the required keys beside those of the request, and reads with their values", async () => {
    const written = await cmm.getEncryptionMaterials(toWrite, {});
    expect(written.requiredEncryptionContextKeys).toEqual(["table", "tenant"]);
    const read = await cmm.decryptMaterials(
      {
        algorithmSuite: hmacSuite,
        encryptionContext: stored,
        reproducedEncryptionContext: tenant,
        encryptedDataKeys: written.encryptedDataKeys,
      },
      {},
    );
    expect(read.plaintextDataKey.reveal()).toEqual(written.plaintextDataKey.reveal());
    expect(read.requiredEncryptionContextKeys).toEqual(["tenant"]);
  });

  it("refuses a wrong value and a missing one", async () => {
    const { encryptedDataKeys } = await cmm.getEncryptionMaterials(toWrite, {});
    const read = (reproducedEncryptionContext: typeof stored): Promise<unknown> =>
      cmm.decryptMaterials({ algorithmSuite: hmacSuite, encryptionContext: stored, reproducedEncryptionContext, encryptedDataKeys }, {});
    await expect(read(encryptionContextOf({ tenant: "red" }))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    await expect(read(encryptionContextOf())).rejects.toMatchObject({
      code: "ERR_REQUIRED_CONTEXT_KEY_MISSING",
      details: { key: "tenant" },
    });
    await expect(cmm.getEncryptionMaterials({ ...toWrite, encryptionContext: stored }, {})).rejects.toMatchObject({
      code: "ERR_REQUIRED_CONTEXT_KEY_MISSING",
    });
  });

  it("refuses an underlying CMM that drops a required key", async () => {
    const whole = defaultCmm(keyring);
    const dropping: CryptographicMaterialsManager = {
      getEncryptionMaterials: (request, call) => whole.getEncryptionMaterials({ ...request, requiredEncryptionContextKeys: [] }, call),
      decryptMaterials: async (request, call) => ({
        ...(await whole.decryptMaterials({ ...request, reproducedEncryptionContext: encryptionContextOf() }, call)),
        encryptionContext: stored,
      }),
    };
    const checking = requiredEncryptionContextCmm({ requiredEncryptionContextKeys: ["tenant"], underlying: dropping });
    await expect(checking.getEncryptionMaterials(toWrite, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
    const written = await whole.getEncryptionMaterials({ ...toWrite, encryptionContext: stored }, {});
    await expect(
      checking.decryptMaterials(
        {
          algorithmSuite: hmacSuite,
          encryptionContext: stored,
          reproducedEncryptionContext: tenant,
          encryptedDataKeys: written.encryptedDataKeys,
        },
        {},
      ),
    ).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
  });

  it.each([[[]], [[""]]])("refuses the keys %j", (requiredEncryptionContextKeys) => {
    expect(() => requiredEncryptionContextCmm({ requiredEncryptionContextKeys, underlying: keyring })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
  });
});
