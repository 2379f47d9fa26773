export { type ClientState, clientState } from "./client-state.ts";
export { concurrencyLimit } from "./concurrency-limit.ts";
export {
  type ConditionFailure,
  conditionFailure,
  hasItem,
  isConditionFailure,
  isTransactionFailure,
  type TransactionFailure,
  withReadableFailure,
  withReadableReasons,
} from "./condition-failures.ts";
export { sumCapacities, sumCapacity } from "./consumed-capacity.ts";
export { itemKey } from "./item-key.ts";
export { ItemWork } from "./item-work.ts";
export { type TranslatedRequest, translateLegacy } from "./legacy-request.ts";
export type { Operation, OperationCall } from "./operation-call.ts";
export { pause } from "./pause.ts";
export { reportReplaced, withPlainWrites } from "./plain-writes.ts";
export {
  type AskedItem,
  answeredKey,
  answerMismatch,
  isKeyValue,
  keyMismatch,
  keyOf,
  requireAmong,
  requireAnswered,
  requireExactKey,
  requirePrimaryKey,
} from "./primary-key.ts";
export { checkedExpressions, protectedExpressions } from "./protected-expressions.ts";
export { type ProtectedTable, ProtectedTables, type TableSearch } from "./protected-tables.ts";
export {
  defaultOptions,
  type OperationOptions,
  operationOptions,
  type RequestOptions,
  requestOnlyOptions,
  requestOptions,
  requestOptionsIn,
  takeRequestOptions,
  withRequestOptions,
} from "./request-options.ts";
export { type Freshness, type FreshnessInput, freshnessOption } from "./revision.ts";
export { type Role, requireMayDecrypt, requireRole } from "./role.ts";
export { footerOf, sameFooter } from "./stored-footer.ts";
export {
  type Consistency,
  consistencyOf,
  fromStored,
  plainForm,
  readStored,
  requireItem,
  requireReadable,
  revised,
  type SdkItem,
  toStored,
} from "./stored-items.ts";
export type { IndexDescription, IndexLookup } from "./table-indexes.ts";
export { tableOf } from "./table-name.ts";
export { type SentForm, type TokenUse, tokenOfAttempt } from "./transaction-token.ts";
