import { Readable } from "node:stream";
import { KMSClient } from "@aws-sdk/client-kms";
import type { LocalKms } from "../../src/testing/index.ts";

/** A supplier of clients of the local KMS; without retries unless asked for, so that tests of failures are quick. */
export function localClients(kms: LocalKms, { maxAttempts = 1, accessKeyId = "AKIATEST" } = {}): (region: string) => KMSClient {
  return (region) => new KMSClient({ ...kms.clientConfig(region, accessKeyId), maxAttempts });
}

/** Operation and Region of each call that arrived, oldest first: `Decrypt eu-west-1`. */
export function callsTo(kms: LocalKms): string[] {
  return kms.events.map((event) => `${event.eventName} ${event.awsRegion}`);
}

/** A client whose KMS answers every call with the same body; `sent` counts the calls that left it. */
export function answeringClient(
  body: Readonly<Record<string, unknown>>,
  options: { readonly region?: string; readonly endpoint?: string } = {},
): { readonly client: KMSClient; readonly sent: () => number } {
  let sent = 0;
  const client = new KMSClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" },
    maxAttempts: 1,
    ...options,
    requestHandler: {
      handle: async () => {
        sent++;
        const headers = { "content-type": "application/x-amz-json-1.1" };
        return { response: { statusCode: 200, headers, body: Readable.from([JSON.stringify(body)]) } as never };
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
  });
  return { client, sent: () => sent };
}
