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
  /** Changes a request's body before it goes on; its result may change the answer's body. */
  readonly intercept?: (request: RecordedRequest) => { readonly body?: string; readonly answer?: (body: string) => string } | undefined;
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
