import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { closeAtOnce, listenOnLoopback } from "../loopback.ts";
import { ServiceException } from "./service-exception.ts";
import { parseWire, printWire, type WireBody } from "./wire.ts";

const maximumRequestBytes = 16 * 1024 * 1024;
const credentialScope = /Credential=[^/\s]+\/\d{8}\/([^/\s]+)\/dynamodb\/aws4_request/;

/** One request after its HTTP has been taken off. */
export interface FrontRequest {
  readonly region: string;
  readonly operation: string;
  readonly body: WireBody;
}

/** The answer to a request; undefined where its connection is to break, a thrown ServiceException where it is refused. */
export type FrontHandler = (request: FrontRequest) => Promise<WireBody | undefined>;

/**
 * An HTTP server on a free port of 127.0.0.1 that speaks DynamoDB's JSON protocol. With a `region` it is that Region's
 * endpoint whatever the signature says; without, the Region is the one in the signature's credential scope.
 */
export class HttpFront {
  readonly #server: Server;
  readonly #handler: FrontHandler;
  readonly #region: string | undefined;

  constructor(handler: FrontHandler, region?: string) {
    this.#handler = handler;
    this.#region = region;
    this.#server = createServer((request, response) => {
      // A request that its client has given up has nobody left to answer.
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<string> {
    return listenOnLoopback(this.#server);
  }

  async stop(): Promise<void> {
    await closeAtOnce(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const region = this.#region ?? regionOfSignature(request);
      const body = parseWire(await readBody(request));
      if (body === undefined) throw new ServiceException(400, { __type: "com.amazon.coral.service#SerializationException" });
      const result = await this.#handler({ region, operation: operationOf(request), body });
      if (result === undefined) request.socket.destroy();
      else answer(response, 200, result);
    } catch (exception) {
      if (request.socket.destroyed) return;
      if (exception instanceof ServiceException) answer(response, exception.status, exception.body);
      else answer(response, 500, { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: String(exception) });
    }
  }
}

function regionOfSignature(request: IncomingMessage): string {
  const [, region] = credentialScope.exec(request.headers.authorization ?? "") ?? [];
  if (region !== undefined) return region;
  throw new ServiceException(400, {
    __type: "com.amazon.coral.service#MissingAuthenticationTokenException",
    message: "Request is missing Authentication Token",
  });
}

function operationOf(request: IncomingMessage): string {
  const [version, operation] = String(request.headers["x-amz-target"]).split(".");
  if (request.method === "POST" && version === "DynamoDB_20120810" && operation !== undefined) return operation;
  throw unknownOperation();
}

export function unknownOperation(): ServiceException {
  return new ServiceException(400, { __type: "com.amazon.coral.service#UnknownOperationException" });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumRequestBytes) throw new ServiceException(413, { __type: "com.amazon.coral.service#RequestEntityTooLargeException" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, body: WireBody): void {
  const bytes = Buffer.from(printWire(body), "utf8");
  response.writeHead(status, {
    "Content-Type": "application/x-amz-json-1.0",
    "Content-Length": bytes.length,
    "x-amzn-RequestId": randomUUID(),
    "x-amz-crc32": crc32(bytes),
  });
  response.end(bytes);
}
