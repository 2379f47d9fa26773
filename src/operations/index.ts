export { concurrencyLimit } from "./concurrency-limit.ts";
export type { OperationCall } from "./operation.ts";
export { type OperationRule, operationTable } from "./operation-table.ts";
export { ProtectedTables } from "./protected-tables.ts";
export { type Role, requireRole } from "./role.ts";
export { tableOf } from "./table-name.ts";
