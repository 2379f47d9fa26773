export { type OperationRule, operationTable } from "./operation-table.ts";
