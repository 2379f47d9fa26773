import { accountId, partitionOf } from "./key-reference.ts";
import { type JsonObject, lowerFirst } from "./request-fields.ts";

/** One call, in the shape of a CloudTrail record. It holds no plaintext, no ciphertext and no key bytes. */
export interface LocalKmsEvent {
  readonly eventVersion: "1.11";
  /** ISO 8601, whole seconds. */
  readonly eventTime: string;
  readonly eventSource: "kms.amazonaws.com";
  /** The operation, such as `GenerateDataKey`. */
  readonly eventName: string;
  /** The Region that was called. */
  readonly awsRegion: string;
  readonly sourceIPAddress: "127.0.0.1";
  readonly userAgent: string;
  readonly userIdentity: {
    readonly type: "IAMUser";
    readonly principalId: string;
    readonly arn: string;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly userName: string;
  };
  /** The request's members in CloudTrail's spelling (`keyId`, `encryptionContext`, `numberOfBytes`, `grantTokens`, …). */
  readonly requestParameters: JsonObject | null;
  readonly responseElements: null;
  /** The keys that the call reached, in the order of their use (ReEncrypt: source, destination). */
  readonly resources: readonly { readonly ARN: string; readonly accountId: string; readonly type: "AWS::KMS::Key" }[];
  /** Absent where the call succeeded. KMS's error name, but `AccessDenied`, as CloudTrail has it; `NoAnswer` under a fault. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The answer's `x-amzn-RequestId`. */
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly eventType: "AwsApiCall";
  readonly managementEvent: true;
  readonly eventCategory: "Management";
  readonly recipientAccountId: string;
}

/** What the server knows of a call when it is over. */
export interface CallRecord {
  readonly time: number;
  readonly operation: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly eventId: string;
  readonly readOnly: boolean;
  readonly body: JsonObject | undefined;
  readonly keyArns: readonly string[];
  readonly error?: { readonly name: string; readonly message: string } | undefined;
}

/** A member that is not named here stays out of the event: bytes may be secret. */
const recordedMembers: readonly string[] = [
  "AliasName",
  "CustomerMasterKeySpec",
  "Description",
  "DestinationEncryptionAlgorithm",
  "DestinationEncryptionContext",
  "DestinationKeyId",
  "DryRun",
  "EncryptionAlgorithm",
  "EncryptionContext",
  "GrantTokens",
  "IncludeKeyMaterial",
  "KeyAgreementAlgorithm",
  "KeyId",
  "KeySpec",
  "KeyUsage",
  "Limit",
  "Marker",
  "MultiRegion",
  "NumberOfBytes",
  "Origin",
  "PendingWindowInDays",
  "PrimaryRegion",
  "ReplicaRegion",
  "RotationPeriodInDays",
  "SourceEncryptionAlgorithm",
  "SourceEncryptionContext",
  "SourceKeyId",
  "TargetKeyId",
];

export function eventOf(record: CallRecord): LocalKmsEvent {
  const { region, accessKeyId, error } = record;
  const event: LocalKmsEvent = {
    eventVersion: "1.11",
    eventTime: `${new Date(record.time).toISOString().slice(0, 19)}Z`,
    eventSource: "kms.amazonaws.com",
    eventName: record.operation,
    awsRegion: region,
    sourceIPAddress: "127.0.0.1",
    userAgent: record.userAgent,
    userIdentity: {
      type: "IAMUser",
      principalId: accessKeyId,
      arn: `arn:${partitionOf(region)}:iam::${accountId}:user/${accessKeyId}`,
      accountId,
      accessKeyId,
      userName: accessKeyId,
    },
    requestParameters: requestParameters(record.body),
    responseElements: null,
    resources: record.keyArns.map((ARN) => ({ ARN, accountId, type: "AWS::KMS::Key" as const })),
    ...failureOf(error),
    requestID: record.requestId,
    eventID: record.eventId,
    readOnly: record.readOnly,
    eventType: "AwsApiCall",
    managementEvent: true,
    eventCategory: "Management",
    recipientAccountId: accountId,
  };
  return Object.freeze(event);
}

function requestParameters(body: JsonObject | undefined): JsonObject | null {
  if (body === undefined) return null;
  const present = recordedMembers.filter((name) => Object.hasOwn(body, name) && body[name] !== null);
  return present.length === 0 ? null : Object.fromEntries(present.map((name) => [lowerFirst(name), body[name]]));
}

function failureOf(error: CallRecord["error"]): Pick<LocalKmsEvent, "errorCode" | "errorMessage"> {
  return error === undefined ? {} : { errorCode: cloudTrailName(error.name), errorMessage: error.message };
}

function cloudTrailName(exception: string): string {
  return exception === "AccessDeniedException" ? "AccessDenied" : exception;
}
