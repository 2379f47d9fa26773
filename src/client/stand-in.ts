import type { SendContext } from "./middleware.ts";

/**
 * What stands in the place of an HTTP request on an encrypted client, for middleware that is used to one: it has what
 * `HttpRequest.isInstance` of the SDK looks for, with headers to add to, and no body. Nothing is sent from it; its
 * headers go along with the requests of the operation (`forwarded-headers.ts`).
 */
export class StandInRequest {
  method = "POST";
  protocol: string;
  hostname: string;
  port: number | undefined;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body: undefined;

  constructor(parts: Partial<Omit<StandInRequest, "clone">> = {}) {
    this.protocol = parts.protocol ?? "https:";
    this.hostname = parts.hostname ?? "";
    this.port = parts.port;
    this.path = parts.path ?? "/";
    this.query = { ...parts.query };
    this.headers = { ...parts.headers };
  }

  clone(): StandInRequest {
    return new StandInRequest(this);
  }
}

/** One for this send; the SDK has resolved the endpoint before. */
export function standInRequest(context: SendContext): StandInRequest {
  const { url } = (context["endpointV2"] ?? {}) as { readonly url?: unknown };
  if (!(url instanceof URL)) return new StandInRequest();
  const { protocol, hostname, port, pathname } = url;
  return new StandInRequest({ protocol, hostname, path: pathname, ...(port === "" ? {} : { port: Number(port) }) });
}

/** The like of an HTTP response, with what the last answer of the service said of itself. */
export interface StandInResponse {
  readonly statusCode: number;
  readonly reason: undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: undefined;
}

export function standInResponse(output: unknown): StandInResponse {
  const { $metadata = {} } = (output ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string } };
  const { httpStatusCode = 200, requestId } = $metadata;
  return {
    statusCode: httpStatusCode,
    reason: undefined,
    headers: requestId === undefined ? {} : { "x-amzn-requestid": requestId },
    body: undefined,
  };
}
