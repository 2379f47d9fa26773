import { describe, expect, it } from "vitest";
import { serializeAttributeValue, typeIds } from "../../src/attributes/index.ts";
import { ecdsaSuite, hmacSuite } from "../../src/crypto/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defaultCmm, encryptionContextOf } from "../../src/materials/index.ts";
import { applyLegend, CanonicalPaths, decryptStructure, encryptStructure, type Field, parseHeader } from "../../src/structure/index.ts";

const cmm = defaultCmm(rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(2) }));
const paths = new CanonicalPaths("t");
const fields: readonly Field[] = [
  { name: "secret", path: paths.of("secret"), action: "ENCRYPT_AND_SIGN", terminal: serializeAttributeValue({ S: "hidden" }) },
  { name: "open", path: paths.of("open"), action: "SIGN_ONLY", terminal: serializeAttributeValue({ S: "shown" }) },
];
const wrongTypes = Object.entries(typeIds).filter(([type]) => type !== "B");

// @see specification/structured-encryption/decrypt-path-structure.md "Terminal Data Decryption"
describe.each([hmacSuite, ecdsaSuite])("decryptStructure under $name", (algorithmSuite) => {
  async function decryptedAs(typeId: number): Promise<ReadonlyMap<string, { readonly value: Uint8Array }>> {
    const encryptionContext = encryptionContextOf({ table: "t" });
    const materials = await cmm.getEncryptionMaterials({ algorithmSuite, encryptionContext, requiredEncryptionContextKeys: [] }, {});
    const { header, footer, encrypted } = await encryptStructure({ formatVersion: 1, messageId: new Uint8Array(32), fields, materials });
    const parsedHeader = parseHeader(header);
    const stored = fields.map(({ name, path, terminal }) => {
      const ciphertext = encrypted.get(name);
      return { name, path, terminal: ciphertext === undefined ? terminal : { typeId, value: ciphertext } };
    });
    const reading = await cmm.decryptMaterials({ ...parsedHeader, reproducedEncryptionContext: encryptionContextOf() }, {});
    return decryptStructure({ parsedHeader, header, footer, fields: applyLegend(parsedHeader, stored), materials: reading });
  }

  it("reads an encrypted field that is stored as binary", async () => {
    expect(Buffer.from((await decryptedAs(typeIds.B)).get("secret")?.value ?? "").toString()).toBe("hidden");
  });

  // Neither tag nor signature says as what an encrypted field is stored.
  it.each(wrongTypes)("refuses the same bytes stored as %s", async (_type, typeId) => {
    await expect(decryptedAs(typeId)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });
});
