export { clientSettings, type EncryptedClientOptions } from "./client-options.ts";
export { encryptedClient } from "./encrypted-client.ts";
export { probeSdk } from "./sdk-anchors.ts";
