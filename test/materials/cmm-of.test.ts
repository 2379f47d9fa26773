import { describe, expect, it } from "vitest";
import { ecdsaSuite, hmacSuite } from "../../src/crypto/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import {
  type CryptographicMaterialsManager,
  cmmOf,
  defaultCmm,
  encryptionContextOf,
  isKeyringOrCmm,
  type KeyringOrCmm,
} from "../../src/materials/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "tests", keyName: "key", wrappingKey: new Uint8Array(32) });
const whole = defaultCmm(keyring);
const context = encryptionContextOf({ tenant: "blue" });
const toWrite = { algorithmSuite: hmacSuite, encryptionContext: context, requiredEncryptionContextKeys: ["tenant"] };

type Encrypted = Awaited<ReturnType<CryptographicMaterialsManager["getEncryptionMaterials"]>>;
type Decrypted = Awaited<ReturnType<CryptographicMaterialsManager["decryptMaterials"]>>;

/** A CMM of somebody's own, which changes what the default CMM answers. */
function changing(change: { readonly written?: object; readonly read?: object }): CryptographicMaterialsManager {
  return cmmOf({
    getEncryptionMaterials: async (request, call) =>
      ({ ...(await whole.getEncryptionMaterials(request, call)), ...change.written }) as Encrypted,
    decryptMaterials: async (request, call) => ({ ...(await whole.decryptMaterials(request, call)), ...change.read }) as Decrypted,
  });
}

async function read(cmm: CryptographicMaterialsManager): Promise<Decrypted> {
  const { encryptedDataKeys } = await whole.getEncryptionMaterials(toWrite, {});
  const stored = { encryptionContext: encryptionContextOf(), reproducedEncryptionContext: context };
  return cmm.decryptMaterials({ algorithmSuite: hmacSuite, ...stored, encryptedDataKeys }, {});
}

// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "CMM"
// @see framework/cmm-interface.md "Supported CMMs"
describe("cmmOf", () => {
  it("gives the materials of a keyring and of a CMM", async () => {
    for (const cmm of [cmmOf(keyring), cmmOf(whole), changing({})]) {
      const written = await cmm.getEncryptionMaterials(toWrite, {});
      expect(written).toMatchObject({ encryptionContext: { tenant: "blue" }, requiredEncryptionContextKeys: ["tenant"] });
      expect((await read(cmm)).plaintextDataKey.length).toBe(32);
    }
  });

  it.each([
    ["drops a required key", { requiredEncryptionContextKeys: [] }],
    ["leaves the context out", { encryptionContext: encryptionContextOf() }],
    ["changes the context", { encryptionContext: encryptionContextOf({ tenant: "red" }) }],
    ["gives no data key", { plaintextDataKey: undefined }],
    ["gives no encrypted data key", { encryptedDataKeys: [], symmetricSigningKeys: [] }],
    ["gives fewer signing keys than data keys", { symmetricSigningKeys: [] }],
    ["takes the ECDSA suite without a signing key", { algorithmSuite: ecdsaSuite }],
  ])("refuses to write where a CMM %s", async (_name, written) => {
    await expect(changing({ written }).getEncryptionMaterials(toWrite, {})).rejects.toMatchObject({ code: "ERR_MATERIALS_INVALID" });
  });

  it.each([
    ["leaves the context out", { encryptionContext: encryptionContextOf() }, "ERR_MATERIALS_INVALID"],
    ["changes the context", { encryptionContext: encryptionContextOf({ tenant: "red" }) }, "ERR_MATERIALS_INVALID"],
    ["changes the suite", { algorithmSuite: ecdsaSuite }, "ERR_MATERIALS_INVALID"],
    ["gives no data key", { plaintextDataKey: undefined }, "ERR_NO_KEY_MATCHES"],
    ["gives no signing key", { symmetricSigningKey: undefined }, "ERR_NO_KEY_MATCHES"],
  ])("refuses to read where a CMM %s", async (_name, change, code) => {
    await expect(read(changing({ read: change }))).rejects.toMatchObject({ code });
  });

  it("refuses what is neither", () => {
    for (const value of [undefined, null, {}, { onEncrypt: () => undefined }, { getEncryptionMaterials: () => undefined }]) {
      expect(isKeyringOrCmm(value)).toBe(false);
      expect(() => cmmOf(value as unknown as KeyringOrCmm)).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument: "keyring" }) }),
      );
    }
  });
});
