/** Encrypts and decrypts as it is told, lets go of everything, collects garbage, and waits to be looked at from outside. */

import { type ItemEncryptor, itemEncryptor } from "../../../src/item/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../dynamodb-json.ts";
import { encryptsWith, keyringOf, type MemoryAnswer, type MemoryCase, plainItem, schemaOf, shortTtlSeconds } from "./cases.ts";
import { signingScalars } from "./signing-scalars.ts";

const held: unknown[] = [];
const keyrings: unknown[] = [];

process.on("message", (cases: readonly MemoryCase[]) => {
  void answer(cases).then(
    (encrypted) => process.send?.(encrypted),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.("ready");

async function answer(cases: readonly MemoryCase[]): Promise<MemoryAnswer> {
  const encrypted: { readonly item: JsonItem; readonly scalar: string | null }[] = [];
  for (const one of cases) encrypted.push(await run(one));
  // Nobody asks for any key again: what expires now goes by the timer.
  await new Promise((resolve) => setTimeout(resolve, 1000 * shortTtlSeconds + 100));
  for (let round = 0; round < 5; round++) {
    // Handles of OpenSSL go in a second pass of the collector, some turns of the loop later.
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  setInterval(() => globalThis.gc?.(), 100);
  // What is held is still needed after the collection.
  if (held.length + keyrings.length === 0) throw new Error("nothing is held");
  return { encrypted: encrypted.map(({ item }) => item), scalars: encrypted.map(({ scalar }) => scalar) };
}

async function run({ keyring: given, materials, stored }: MemoryCase): ReturnType<typeof encryptAndDecrypt> {
  const keyring = keyringOf(given);
  keyrings.push(keyring);
  return encryptAndDecrypt(itemEncryptor({ schema: schemaOf(given), keyring: encryptsWith(keyring, materials, held) }), stored);
}

async function encryptAndDecrypt(
  encryptor: ItemEncryptor,
  stored: JsonItem,
): Promise<{ readonly item: JsonItem; readonly scalar: string | null }> {
  const { item } = await encryptor.decryptItem(itemFromJson(stored));
  if (item["note"]?.S !== plainItem.note.S) throw new Error("decrypted to something else");
  const made = signingScalars.length;
  const encrypted = itemToJson((await encryptor.encryptItem(plainItem)).item);
  return { item: encrypted, scalar: signingScalars[made] ?? null };
}
