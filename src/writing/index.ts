export { checkedWrite } from "./checked-write.ts";
export { guardedDelete } from "./guarded/guarded-delete.ts";
export { guardedPut } from "./guarded/guarded-put.ts";
export { guardedUpdate } from "./guarded/guarded-update.ts";
export type { GuardedWrite } from "./guarded/guarded-write.ts";
export { type GuardedRequest, runGuarded } from "./guarded/run-guarded.ts";
export { nativeGuardHolds, nativeUpdate, writesPlaintext } from "./native-update.ts";
export { runTransaction } from "./transaction/run-transaction.ts";
export { type TransactionAction, transactionAction } from "./transaction/transaction-action.ts";
