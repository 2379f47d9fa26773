export { decryptForRewrite, decryptItem, type RewritableItem } from "./decrypt-item.ts";
export { type DescribeItemOptions, describeItem, type ItemDescription } from "./describe-item.ts";
export { type Document, documentOf } from "./document.ts";
export { encryptItem } from "./encrypt-item.ts";
export { type InOrderOptions, inOrder } from "./in-order.ts";
export {
  type ItemCryptography,
  type ItemResult,
  itemCryptography,
  keyAttributes,
  requireKeys,
  reservedPrefix,
  terminalOf,
} from "./item-cryptography.ts";
export {
  type DocumentResult,
  type ItemCallOptions,
  type ItemEncryptor,
  type ItemEncryptorOptions,
  itemEncryptor,
} from "./item-encryptor.ts";
export { isCollectable, isItemFault, naming } from "./item-failure.ts";
export type { HeaderDataKey, ItemHeader } from "./item-header.ts";
export { itemSize } from "./item-size.ts";
export { LoopTurns, type TurnSource } from "./loop-turns.ts";
