/**
 * Records of DynamoDB Streams and Kinesis, decrypted: `dynaseal/streams`.
 *
 * @packageDocumentation
 */
export { changedAttributes, type ItemImages } from "./changed-attributes.ts";
export type { StreamChange } from "./stream-change.ts";
export {
  type DecryptRecordsOptions,
  type StreamDecryptor,
  type StreamDecryptorOptions,
  streamDecryptor,
  type UndecryptableRecord,
} from "./stream-decryptor.ts";
export { type BatchResponse, type StreamFailure, type StreamHandlerOptions, streamHandler } from "./stream-handler.ts";
export type { StreamEventName, StreamRecord, StreamUserIdentity } from "./stream-record.ts";
