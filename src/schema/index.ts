export { actionOf, type CryptoAction, isSigned, type PlaintextOverride, type TablePlan } from "./table-plan.ts";
