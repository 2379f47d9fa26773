/**
 * Schemas from AWS Systems Manager Parameter Store: `dynaseal/parameter-store`.
 *
 * @packageDocumentation
 */
export { type LoadFromParameterStoreOptions, loadSchemasFromParameterStore } from "./load-schemas.ts";
export { type PushedSchemas, type PushToParameterStoreOptions, pushSchemasToParameterStore } from "./push-schemas.ts";
