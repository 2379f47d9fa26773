import { KMSClient, KMSServiceException } from "@aws-sdk/client-kms";
import { expect } from "vitest";
import { type LocalKms, type LocalKmsOptions, startLocalKms } from "../../../src/testing/index.ts";

export const east = "us-east-1";
export const west = "eu-west-1";

export interface TestKms {
  readonly kms: LocalKms;
  /** An unmodified client that does not retry, one for each Region and access key. */
  client(region: string, accessKeyId?: string): KMSClient;
  stop(): Promise<void>;
}

export async function startTestKms(options: Partial<LocalKmsOptions> = {}): Promise<TestKms> {
  const kms = await startLocalKms({ regions: [east, west], ...options });
  const clients = new Map<string, KMSClient>();
  return {
    kms,
    client: (region, accessKeyId = "AKIATEST") => {
      const name = `${region} ${accessKeyId}`;
      const client = clients.get(name) ?? new KMSClient({ ...kms.clientConfig(region, accessKeyId), maxAttempts: 1 });
      clients.set(name, client);
      return client;
    },
    stop: async () => {
      for (const client of clients.values()) client.destroy();
      await kms.stop();
    },
  };
}

/** The call fails with KMS's error name and HTTP status, and the SDK made its own exception of it. */
export async function expectRefused(call: Promise<unknown>, name: string, status = 400): Promise<KMSServiceException> {
  const error: unknown = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(KMSServiceException);
  const exception = error as KMSServiceException;
  expect({ name: exception.name, status: exception.$metadata.httpStatusCode }).toEqual({ name, status });
  expect(exception.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  return exception;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function defined<Value>(value: Value | undefined): Value {
  expect(value).toBeDefined();
  return value as Value;
}
