export { loadSchemas } from "./load-schemas.ts";
