export type { EncryptedClientOptions } from "./client-options.ts";
export { encryptedClient } from "./encrypted-client.ts";
