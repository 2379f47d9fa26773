/** The error names that the local KMS answers with; all of them are KMS's own. */
export type KmsExceptionName =
  | "AccessDeniedException"
  | "AlreadyExistsException"
  | "DependencyTimeoutException"
  | "DisabledException"
  | "DryRunOperationException"
  | "IncompleteSignatureException"
  | "IncorrectKeyException"
  | "InvalidAliasNameException"
  | "InvalidArnException"
  | "InvalidCiphertextException"
  | "InvalidKeyUsageException"
  | "InvalidMarkerException"
  | "InvalidSignatureException"
  | "KMSInternalException"
  | "KMSInvalidStateException"
  | "KeyUnavailableException"
  | "LimitExceededException"
  | "MissingAuthenticationTokenException"
  | "NotFoundException"
  | "RequestEntityTooLargeException"
  | "SerializationException"
  | "ThrottlingException"
  | "UnknownOperationException"
  | "UnsupportedOperationException"
  | "ValidationException";

/** KMS answers 400 to everything that is the caller's fault; these are the others. */
const otherStatus: Readonly<Partial<Record<KmsExceptionName, number>>> = {
  DependencyTimeoutException: 503,
  KMSInternalException: 500,
  KeyUnavailableException: 500,
  RequestEntityTooLargeException: 413,
};

/** One refusal of KMS. It never leaves the local KMS: over HTTP it is an answer, from a function an ERR_LOCAL_KMS_REFUSED. */
export class KmsException extends Error {
  readonly exception: KmsExceptionName;

  constructor(exception: KmsExceptionName, message: string) {
    super(message);
    this.exception = exception;
  }

  /** The HTTP status that goes with the name. */
  get status(): number {
    return otherStatus[this.exception] ?? 400;
  }
}

/** Ends the call with the exception. */
export function refuse(exception: KmsExceptionName, message: string): never {
  throw new KmsException(exception, message);
}
