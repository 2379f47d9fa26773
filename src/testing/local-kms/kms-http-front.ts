import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { decodeUtf8 } from "../../bytes/index.ts";
import { closeAtOnce, listenOnLoopback } from "../loopback.ts";
import { KmsException, refuse } from "./kms-exception.ts";
import type { JsonObject } from "./request-fields.ts";

/** One call as KMS clients send it: JSON 1.1, signed with Signature Version 4. */
export interface KmsRequest {
  /** The part of `X-Amz-Target` behind `TrentService.`. */
  readonly operation: string;
  /** From the signature's credential scope, which alone tells a client's Region. */
  readonly region: string;
  readonly accessKeyId: string;
  readonly userAgent: string;
  readonly requestId: string;
  /** `undefined` where the body is no JSON object. */
  readonly body: JsonObject | undefined;
}

/**
 * Answers one call: the response's JSON, or `undefined` for no answer at all (the connection is destroyed). A thrown
 * KmsException becomes KMS's error response. `gone` aborts as soon as the client, or the server, has left.
 */
export type AnswerKmsRequest = (request: KmsRequest, gone: AbortSignal) => Promise<JsonObject | undefined>;

export interface KmsHttpFront {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Closes the port and every connection at once. */
  stop(): Promise<void>;
}

const maximumBodyLength = 1024 * 1024;

/**
 * Listens on a free port of 127.0.0.1 for calls of the KMS clients of any AWS SDK. Signatures are read, not verified:
 * there are no secret keys here.
 */
export async function startKmsHttpFront(answer: AnswerKmsRequest): Promise<KmsHttpFront> {
  const server = createServer((request, response) => {
    void serve(request, response, answer);
  });
  // Clients keep connections open; closing idle ones under their hands after node's 5 s would look like a fault.
  server.keepAliveTimeout = 120_000;
  return { endpoint: await listenOnLoopback(server), stop: () => closeAtOnce(server) };
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: AnswerKmsRequest): Promise<void> {
  const requestId = randomUUID();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const bytes = await readBody(request);
    const body = await answer({ ...readHead(request), requestId, body: parseObject(bytes) }, gone.signal);
    if (body === undefined) request.socket.destroy();
    else send(response, requestId, 200, body);
  } catch (error) {
    if (gone.signal.aborted) return;
    // Anything else is a bug of the server; a client is told no more than KMS tells.
    const refusal = error instanceof KmsException ? error : new KmsException("KMSInternalException", "The local KMS failed.");
    send(response, requestId, refusal.status, { __type: refusal.exception, message: refusal.message });
  }
}

function send(response: ServerResponse, requestId: string, status: number, body: JsonObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-cache, no-store, must-revalidate, private",
    "x-amzn-RequestId": requestId,
  });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // What is too much is read but not kept: a client only looks at the answer once it has sent its body.
    if (length <= maximumBodyLength) chunks.push(chunk);
  }
  if (length > maximumBodyLength) refuse("RequestEntityTooLargeException", `The request has more than ${maximumBodyLength} bytes.`);
  return Buffer.concat(chunks);
}

function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeUtf8(bytes) ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

const targetPattern = /^TrentService\.([A-Za-z]{1,64})$/;
const credentialPattern = /^AWS4-HMAC-SHA256\s.*?Credential=([^/,\s]+)\/([0-9]{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request(?:[,\s]|$)/;

function readHead(request: IncomingMessage): Pick<KmsRequest, "operation" | "region" | "accessKeyId" | "userAgent"> {
  const operation = targetPattern.exec(String(request.headers["x-amz-target"] ?? ""))?.[1];
  if (request.method !== "POST" || operation === undefined) {
    refuse("UnknownOperationException", "A call of KMS is a POST with the header X-Amz-Target: TrentService.<operation>.");
  }
  const { authorization } = request.headers;
  if (authorization === undefined) refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  const [, accessKeyId, , region, service] = credentialPattern.exec(authorization) ?? [];
  if (accessKeyId === undefined || region === undefined || !/SignedHeaders=.+Signature=/.test(authorization)) {
    refuse(
      "IncompleteSignatureException",
      "The Authorization header is not a complete AWS4-HMAC-SHA256 signature with a credential scope.",
    );
  }
  if (service !== "kms") refuse("InvalidSignatureException", "Credential should be scoped to correct service: 'kms'.");
  return { operation, region, accessKeyId, userAgent: request.headers["user-agent"] ?? "" };
}
