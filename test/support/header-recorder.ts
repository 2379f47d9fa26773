import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface HeaderRecorder {
  readonly endpoint: string;
  /** The headers of every request so far. */
  readonly seen: IncomingHttpHeaders[];
  stop(): Promise<void>;
}

/** An HTTP server between a client and a service of AWS that notes the headers of what passes. */
export async function startHeaderRecorder(target: string): Promise<HeaderRecorder> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    seen.push(request.headers);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers: Record<string, string> = {};
    for (const name of ["content-type", "x-amz-target", "x-amz-date", "authorization"]) headers[name] = String(request.headers[name] ?? "");
    const answer = await fetch(target, { method: "POST", headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/x-amz-json-1.0" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
