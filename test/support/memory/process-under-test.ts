/** Encrypts and decrypts as it is told, lets go of everything, collects garbage, and waits to be looked at from outside. */
import { itemEncryptor } from "../../../src/item/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../dynamodb-json.ts";
import { holding, keyringOf, type MemoryAnswer, type MemoryCase, plainItem, schemaOf, shortTtlSeconds } from "./cases.ts";

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
  const encrypted: JsonItem[] = [];
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
  return { encrypted };
}

async function run({ keyring: given, materials, stored }: MemoryCase): Promise<JsonItem> {
  const keyring = keyringOf(given);
  keyrings.push(keyring);
  const encryptor = itemEncryptor({ schema: schemaOf(given), keyring: materials === "held" ? holding(keyring, held) : keyring });
  const { item } = await encryptor.decryptItem(itemFromJson(stored));
  if (item.note?.S !== plainItem.note.S) throw new Error("decrypted to something else");
  return itemToJson((await encryptor.encryptItem(plainItem)).item);
}
