export { type OpenInput, openMessage, type ParsedMessage, parseMessage, type SealInput, sealMessage } from "./message.ts";
export type { MessageHeader } from "./message-header.ts";
export { type MessageSuite, messageSuiteByCode } from "./message-suite.ts";
