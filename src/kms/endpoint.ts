import { DynasealError } from "../errors/index.ts";

/** The services that keys, wrapped keys and items go to. */
export type CheckedService = "KMS" | "key store" | "DynamoDB";

/** What is looked at of the SDK's HTTP request. */
export interface EndpointRequest {
  readonly protocol?: string;
  readonly hostname?: string;
}

interface WatchedStack {
  add(
    middleware: (next: (args: never) => Promise<never>) => (args: { readonly request: unknown }) => Promise<never>,
    options: { readonly step: "build"; readonly name: string; readonly override: true },
  ): void;
}

/**
 * Over plain http everybody on the way reads what is sent: KMS answers with plaintext data keys, requests name key
 * attributes. Only the machine itself is no way.
 *
 * @throws ERR_ENDPOINT_NOT_ENCRYPTED
 */
export function refusePlainHttp(
  { protocol, hostname = "" }: EndpointRequest,
  { service, allowPlainHttp }: { readonly service: CheckedService; readonly allowPlainHttp: boolean | undefined },
): void {
  if (protocol !== "http:" || allowPlainHttp === true || isLoopback(hostname)) return;
  throw new DynasealError("ERR_ENDPOINT_NOT_ENCRYPTED", { details: { service, endpoint: hostname } });
}

/**
 * Has `seen` look at the request that a command becomes, before anything is sent: so its host is the one that it really
 * goes to, whatever configured it, code, environment or profile. A stub in place of a client makes no request.
 *
 * @param command of the AWS SDK
 */
export function watchEndpoint(command: object, seen: (request: EndpointRequest) => void | Promise<void>): void {
  const { middlewareStack } = command as { readonly middlewareStack?: WatchedStack };
  middlewareStack?.add(
    (next) => async (args) => {
      await seen(args.request as EndpointRequest);
      return next(args as never);
    },
    { step: "build", name: "dynasealEndpointWatch", override: true },
  );
}

/** Whether the host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname === "::1" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
