export { configDefinition } from "./config/config-definition.ts";
export { type LoadedConfig, loadConfig } from "./config/load-config.ts";
export { loadSchemas } from "./load-schemas.ts";
