import type { ErrorTable } from "./error-table.ts";

/** Which KMS call failed: its operation, the Region that was asked, and the key as it was sent. */
export interface KmsCallDetails {
  operation: string;
  region: string;
  keyId: string;
  /** KMS refused what stands in the item that was read: its wrapped key, its encryption context, or the key that it names. */
  causedBy?: "item";
}

/** Codes of kms. */
export interface KmsErrorDetails {
  ERR_KMS_ACCESS_DENIED: KmsCallDetails;
  ERR_KMS_KEY_DISABLED: KmsCallDetails;
  /** Also where the key exists, but not in this Region. */
  ERR_KMS_KEY_NOT_FOUND: KmsCallDetails;
  ERR_KMS_KEY_PENDING_DELETION: KmsCallDetails;
  ERR_KMS_THROTTLED: KmsCallDetails;
  /** No connection, no answer in time, or HTTP 5xx. */
  ERR_KMS_UNREACHABLE: KmsCallDetails & { reason: string };
  /** Any other refusal, by KMS's own name for it. */
  ERR_KMS_REFUSED: KmsCallDetails & { name: string };
  ERR_KMS_RESPONSE_INVALID: KmsCallDetails & { reason: string };
  ERR_KMS_REGION_UNKNOWN: { keyId: string };
  /** The optional peer `@aws-sdk/client-kms` cannot be found. */
  ERR_KMS_CLIENT_NOT_INSTALLED: Record<never, never>;
  ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT: { keyId: string; endpoint: string };
  /** A plain http endpoint that is not on this machine; `service` is KMS, the key store or DynamoDB. */
  ERR_ENDPOINT_NOT_ENCRYPTED: { service: string; endpoint: string };
}

const where = ({ operation, region, keyId }: KmsCallDetails): string => `${operation} on ${keyId} in ${region}`;

export const kmsErrors: ErrorTable<KmsErrorDetails> = {
  ERR_KMS_ACCESS_DENIED: {
    meaning: (details) => `KMS denied ${where(details)}.`,
    hint: ({ operation, region }) =>
      `Allow kms:${operation} for this caller in the key policy of ${region} (every replica has a policy of its own) and in the caller's IAM policy, or pass a grant token.`,
  },
  ERR_KMS_KEY_DISABLED: {
    meaning: (details) => `The KMS key is disabled: ${where(details)}.`,
    hint: ({ region }) => `Enable the key in ${region}; primary and replicas are enabled one by one.`,
  },
  ERR_KMS_KEY_NOT_FOUND: {
    meaning: (details) => `The KMS key does not exist there: ${where(details)}.`,
    hint: ({ region }) =>
      `Compare key id, account and Region. A multi-Region key has to be replicated to ${region} first; a single-Region key can be used in its own Region only.`,
  },
  ERR_KMS_KEY_PENDING_DELETION: {
    meaning: (details) => `The KMS key is scheduled for deletion: ${where(details)}.`,
    hint: "Cancel the deletion while its waiting period lasts, then enable the key. Once deleted, what it protects is lost for good.",
  },
  ERR_KMS_THROTTLED: {
    meaning: (details) => `KMS throttled ${where(details)}, also after the SDK's own retries.`,
    hint: "Lower kmsConcurrency, ask for a higher KMS quota, or use the hierarchical keyring, which needs a KMS call or two every few minutes instead of one an item.",
  },
  ERR_KMS_UNREACHABLE: {
    meaning: (details) => `KMS could not be reached for ${where(details)}: ${details.reason}.`,
    hint: "Check network, VPC endpoint and the AWS health page of the Region. With a multi-Region key, failover: { regions: [...] } lets another replica serve.",
  },
  ERR_KMS_REFUSED: {
    meaning: (details) => `KMS refused ${where(details)} with ${details.name}.`,
    hint: "Look the name up in the KMS API reference. Missing or expired credentials, a key of the wrong type or an invalid grant token are the usual reasons.",
  },
  ERR_KMS_RESPONSE_INVALID: {
    meaning: (details) => `KMS gave an answer to ${where(details)} that is not to be trusted: ${details.reason}.`,
    hint: "Find out what answers at this endpoint; KMS itself does not do this.",
  },
  ERR_KMS_REGION_UNKNOWN: {
    meaning: ({ keyId }) => `No Region is known for the KMS key ${keyId}.`,
    hint: "Configure the key by its ARN, or pass region, client or clientSupplier to the keyring.",
  },
  ERR_KMS_CLIENT_NOT_INSTALLED: {
    meaning: "KMS has to be asked, and @aws-sdk/client-kms is not installed.",
    hint: "npm install @aws-sdk/client-kms; in a bundle, keep it in or install it beside the bundle.",
  },
  ERR_ENDPOINT_NOT_ENCRYPTED: {
    meaning: ({ service, endpoint }) => `The endpoint ${endpoint} of ${service} is plain http, and not on this machine; nothing was sent.`,
    hint: ({ service }) =>
      service === "KMS"
        ? "Use https. For containers on one host, allowPlainHttp: true beside the keyring's or key store's KMS client accepts that everybody on the way reads plaintext data keys."
        : "Use https. For containers on one host, allowPlainHttp: true beside the client accepts that everybody on the way reads keys of items and what is not encrypted, and can answer in the service's place.",
  },
  ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT: {
    meaning: ({ keyId, endpoint }) => `${keyId} is a key of the local test KMS, and the endpoint ${endpoint} is not on this machine.`,
    hint: "Account 000000000000 belongs to the KMS of dynaseal/testing, which listens on loopback only. Configure a key of your own account, or the local endpoint.",
  },
};
