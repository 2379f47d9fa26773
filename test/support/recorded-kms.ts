import { isDeepStrictEqual } from "node:util";
import { refuse } from "../../src/testing/local-kms/kms-exception.ts";
import { startKmsHttpFront } from "../../src/testing/local-kms/kms-http-front.ts";
import type { JsonObject } from "../../src/testing/local-kms/request-fields.ts";

/** One KMS call as `java/kms.json` and `java/hierarchical-kms.json` hold it, bytes in base64. */
export interface RecordedKmsCall {
  readonly operation: string;
  readonly region: string;
  readonly request: JsonObject;
  readonly response: JsonObject;
}

export interface RecordedKms {
  readonly endpoint: string;
  /** Everything a KMSClient needs. */
  clientConfig(region: string): {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** The recorded calls that were answered, in order. */
  readonly answered: readonly RecordedKmsCall[];
  stop(): Promise<void>;
}

/** Every recorded call anywhere in a vector file: `kmsCalls`, `alsoKmsCalls`, `createCalls`, `versionCalls`, `readCalls`. */
export function recordedKmsCalls(vectors: unknown): readonly RecordedKmsCall[] {
  if (typeof vectors !== "object" || vectors === null) return [];
  return isRecordedCall(vectors) ? [vectors] : Object.values(vectors).flatMap(recordedKmsCalls);
}

function isRecordedCall(value: object): value is RecordedKmsCall {
  return "operation" in value && "region" in value && "request" in value && "response" in value;
}

/**
 * A KMS that knows nothing but recorded answers, for unmodified KMSClients. A call is answered where operation, Region
 * and every member but the grant tokens are those of a recording; Decrypt may leave out KeyId. A recorded ciphertext
 * with another key or context is refused as KMS does; any other call is a NotFoundException.
 */
export async function startRecordedKms(calls: readonly RecordedKmsCall[]): Promise<RecordedKms> {
  const answered: RecordedKmsCall[] = [];
  const front = await startKmsHttpFront(async ({ operation, region, body }) => {
    const asked = comparable(body ?? {});
    const candidates = calls.filter((call) => call.operation === operation && call.region === region);
    const match = candidates.find((call) => sameMembers(comparable(call.request), asked));
    if (match !== undefined) {
      answered.push(match);
      return match.response;
    }
    const ofBlob = candidates.filter((call) => asked.CiphertextBlob !== undefined && call.request.CiphertextBlob === asked.CiphertextBlob);
    if (ofBlob.length === 0) refuse("NotFoundException", `No such call of ${operation} was recorded in ${region}.`);
    if (ofBlob.every((call) => call.request.KeyId !== (asked.KeyId ?? call.request.KeyId))) {
      refuse("IncorrectKeyException", "The ciphertext was recorded under another key.");
    }
    return refuse("InvalidCiphertextException", "The ciphertext was recorded under another encryption context.");
  });
  return {
    endpoint: front.endpoint,
    clientConfig: (region) => ({
      endpoint: front.endpoint,
      region,
      credentials: { accessKeyId: "AKIARECORDED", secretAccessKey: "recorded" },
    }),
    answered,
    stop: front.stop,
  };
}

/** A request without what may differ: grant tokens, and the two ways to ask for 32 bytes. */
function comparable(request: JsonObject): JsonObject {
  const { GrantTokens: _tokens, KeySpec, ...members } = request;
  return KeySpec === "AES_256" ? { ...members, NumberOfBytes: 32 } : members;
}

function sameMembers(recorded: JsonObject, asked: JsonObject): boolean {
  const withKey = "CiphertextBlob" in asked && !("KeyId" in asked) && "KeyId" in recorded ? { ...asked, KeyId: recorded.KeyId } : asked;
  return isDeepStrictEqual(recorded, withKey);
}
