export {
  decrypt,
  deriveSharedSecret,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  getPublicKey,
  type KmsCiphertext,
  type KmsRsaAlgorithm,
  reEncrypt,
} from "./calls.ts";
export { type KmsClientSupplier, KmsConnection, type KmsOptions, type KmsTarget, type MultiRegionKmsOptions } from "./connection.ts";
export { type CheckedService, isLoopback, refusePlainHttp, watchEndpoint } from "./endpoint.ts";
export { type FailoverOptions, type FailoverReason, RegionalFailover } from "./failover.ts";
export {
  identifierOf,
  isMultiRegionKey,
  type KmsArn,
  type KmsIdentifier,
  multiRegionMatch,
  parseKmsArn,
  parseKmsIdentifier,
  parseKmsKeyArn,
  regionalKeyArn,
} from "./identifiers.ts";
export type { KmsCallContext } from "./send.ts";
export { nameInUserAgent } from "./user-agent.ts";
