/**
 * A keyring around a key in HashiCorp Vault's transit engine, made with `defineKeyring`: Vault wraps the data keys, and the
 * key itself never leaves it.
 *
 * Run it with `npx tsx examples/vault-keyring.ts`. It talks to VAULT_ADDR with VAULT_TOKEN if they are set (the key
 * "customers" has to exist: `vault secrets enable transit && vault write -f transit/keys/customers`), otherwise to a small
 * server below that speaks the same protocol.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defineKeyring, defineTable, isDynasealError, itemEncryptor, type Keyring } from "../src/index.ts";

/** What the keyring needs to know of Vault. */
interface VaultOptions {
  readonly address: string;
  readonly token: string;
  /** Name of the key in the transit engine. */
  readonly keyName: string;
  /** Where the engine is mounted; default `transit`. */
  readonly mount?: string;
}

/**
 * Its encrypted data key: provider id `vault-transit`, provider info `mount/key name`, ciphertext Vault's own text
 * (`vault:v1:…`), which names the version of the key. So rotating the key in Vault needs no change here.
 */
function vaultTransitKeyring({ address, token, keyName, mount = "transit" }: VaultOptions): Keyring {
  const name = new TextEncoder().encode(`${mount}/${keyName}`);

  async function ask(action: "encrypt" | "decrypt", body: object, signal: AbortSignal | undefined): Promise<Record<string, string>> {
    const url = `${address}/v1/${encodeURIComponent(mount)}/${action}/${encodeURIComponent(keyName)}`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "x-vault-token": token, "content-type": "application/json" },
      body: JSON.stringify(body),
      // Nobody else times these calls.
      signal: AbortSignal.any([AbortSignal.timeout(5_000), ...(signal === undefined ? [] : [signal])]),
    });
    const { data, errors } = (await response.json()) as { data?: Record<string, string>; errors?: readonly string[] };
    if (!response.ok || data === undefined) throw new Error(`Vault answered ${response.status}: ${errors?.join(", ") ?? "nothing"}`);
    return data;
  }

  return defineKeyring({
    keyProviderId: "vault-transit",
    async wrapKey(key, { aad, signal }) {
      const { ciphertext = "" } = await ask("encrypt", { plaintext: base64(key), associated_data: base64(aad) }, signal);
      return { keyProviderInfo: name, ciphertext: new TextEncoder().encode(ciphertext) };
    },
    async unwrapKey({ keyProviderInfo, ciphertext }, { aad, signal }) {
      // Another key of the same provider is another keyring's.
      if (Buffer.compare(keyProviderInfo, name) !== 0) return undefined;
      const text = new TextDecoder().decode(ciphertext);
      const { plaintext = "" } = await ask("decrypt", { ciphertext: text, associated_data: base64(aad) }, signal);
      return Buffer.from(plaintext, "base64");
    },
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

const local = process.env["VAULT_ADDR"] === undefined ? await startLocalTransit() : undefined;
const address = process.env["VAULT_ADDR"] ?? local?.address ?? "";
const token = process.env["VAULT_TOKEN"] ?? "local";

const customers = defineTable({ tableName: "customers", partitionKey: "customerId", attributes: { email: "ENCRYPT_AND_SIGN" } });
const keyring = vaultTransitKeyring({ address, token, keyName: "customers" });
const items = itemEncryptor({ schema: customers, keyring });

const { item: stored, header } = await items.encryptDocument({ customerId: "42", email: "alice@example.com" });
console.log(`written under ${header?.encryptedDataKeys.map((key) => key.keyProviderId).join(", ")}`);

const { item } = await items.decryptDocument(stored);
console.log(`read again: ${item["email"]}`);

// An item moved to another customer: its context is another, and Vault refuses to unwrap the key for it.
const moved = await items.decryptDocument({ ...stored, customerId: "43" }).catch((error: unknown) => error);
if (!isDynasealError(moved, "ERR_KEYRING_FAILED")) throw new Error("the moved item was read");
console.log(`moved: ${moved.code}, caused by ${(moved.cause as Error).message}`);
await local?.stop();

/** Vault's transit engine with one AES-256-GCM key, as far as the keyring above uses it. */
async function startLocalTransit(): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const key = randomBytes(32);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.headers["x-vault-token"] !== "local") return answer(403, { errors: ["permission denied"] });
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const associated = Buffer.from(body["associated_data"] ?? "", "base64");
    if (request.url === "/v1/transit/encrypt/customers") {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(associated);
      const sealed = [cipher.update(body["plaintext"] ?? "", "base64"), cipher.final(), cipher.getAuthTag()];
      return answer(200, { data: { ciphertext: `vault:v1:${Buffer.concat([iv, ...sealed]).toString("base64")}`, key_version: 1 } });
    }
    if (request.url === "/v1/transit/decrypt/customers") {
      const sealed = Buffer.from((body["ciphertext"] ?? "").replace("vault:v1:", ""), "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(associated);
      decipher.setAuthTag(sealed.subarray(-16));
      try {
        const plaintext = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
        return answer(200, { data: { plaintext: plaintext.toString("base64") } });
      } catch {
        return answer(400, { errors: ["cipher: message authentication failed"] });
      }
    }
    return answer(404, { errors: [] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
