import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it went over the wire. */
export interface RecordedRequest {
  /** Such as `"PutItem"`. */
  readonly operation: string;
  readonly body: string;
}

export interface RecordingProxy {
  readonly endpoint: string;
  readonly requests: RecordedRequest[];
  stop(): Promise<void>;
}

export interface RecordingProxyOptions {
  /** Where requests go on to. */
  readonly endpoint: string;
  /** What is done to a request that arrives; `undefined`: nothing. */
  readonly intercept?: (request: RecordedRequest) => Interception | undefined;
}

export interface Interception {
  /** Goes on in the place of the request's body. */
  readonly body?: string;
  /** Changes the answer's body. */
  readonly answer?: (body: string) => string;
  /** Is answered at once; nothing goes on. */
  readonly instead?: { readonly status: number; readonly body: string };
}

/** An error as the service answers it. */
export function serviceError(name: string, more: object = {}): NonNullable<Interception["instead"]> {
  return { status: 400, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...more }) };
}

/** An HTTP server between a client and DynamoDB that notes all that passes. */
export async function startRecordingProxy({ endpoint, intercept }: RecordingProxyOptions): Promise<RecordingProxy> {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const recorded = { operation: operationOf(request.headers), body: Buffer.concat(chunks).toString() };
    requests.push(recorded);
    const changed = intercept?.(recorded);
    if (changed?.instead !== undefined) {
      response.writeHead(changed.instead.status, { "content-type": "application/x-amz-json-1.0" }).end(changed.instead.body);
      return;
    }
    const answer = await fetch(endpoint, { method: "POST", headers: forwarded(request.headers), body: changed?.body ?? recorded.body });
    const text = await answer.text();
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
    response.end(changed?.answer?.(text) ?? text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationOf(headers: IncomingHttpHeaders): string {
  return String(headers["x-amz-target"]).split(".")[1] ?? "";
}

function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ["content-type", "x-amz-target", "x-amz-date", "authorization"];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? "")]));
}
