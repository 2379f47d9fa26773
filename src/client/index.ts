export { clientSettings, type EncryptedClientOptions } from "./client-options.ts";
export { encryptedClient } from "./encrypted-client.ts";
export { probeSdk, type SdkClient } from "./sdk-anchors.ts";
export type { SearchOptions } from "./table-searches.ts";
