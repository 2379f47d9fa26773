export { concurrencyLimit } from "./concurrency-limit.ts";
export type { OperationCall } from "./operation.ts";
export { type OperationRule, operationTable } from "./operation-table.ts";
export { ProtectedTables, type TableSearch } from "./protected-tables.ts";
export { type UndecryptableItem, undecryptableItems } from "./reading/undecryptable.ts";
export {
  defaultOptions,
  type OperationOptions,
  operationOptions,
  type RequestOptions,
  requestOptions,
  takeRequestOptions,
} from "./request-options.ts";
export { type Freshness, type FreshnessInput, freshnessOption } from "./revision.ts";
export { type Role, requireRole } from "./role.ts";
export { tableOf } from "./table-name.ts";
