import type { Middleware, SendContext, Stack } from "./middleware.ts";

/** What middleware of the encrypted client wants to go along with the requests of the operation. */
export interface Forwarded {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Words for the user agent, as they stand in the header. */
  readonly userAgent: readonly string[];
  /** Pairs of name and version, as the SDK's own context has them. */
  readonly userAgentPairs: readonly unknown[];
}

const nothing: Forwarded = { headers: new Map(), userAgent: [], userAgentPairs: [] };

/** They belong to the single request: its address, its body, its signature, its attempt. */
const own = /^(?:host|content-.*|x-amz-(?:target|date|content-sha256|security-token)|authorization|amz-sdk-.*|transfer-encoding)$/;
const userAgents: readonly string[] = ["user-agent", "x-amz-user-agent"];

/** What a stand-in request, or a copy of one, has got in the way of headers. */
export function forwardedOf(request: unknown, context: SendContext): Forwarded {
  const { headers } = request as { readonly headers?: unknown };
  const { userAgent: pairs } = context;
  const given = typeof headers === "object" && headers !== null ? Object.entries(headers) : [];
  if (given.length === 0 && pairs === undefined) return nothing;
  const forwarded = new Map<string, string>();
  const userAgent = new Set<string>();
  for (const [name, value] of given) {
    const lower = name.toLowerCase();
    if (value === undefined || value === null || own.test(lower)) continue;
    if (!userAgents.includes(lower)) forwarded.set(lower, String(value));
    else for (const word of String(value).split(" ")) if (word !== "") userAgent.add(word);
  }
  return { headers: forwarded, userAgent: [...userAgent], userAgentPairs: Array.isArray(pairs) ? pairs : [] };
}

/** Sends the headers along with a command: they are put in before the request is signed, on each of its attempts. */
export function attachForwarded(command: { readonly middlewareStack: unknown }, forwarded: Forwarded): void {
  const { headers, userAgent, userAgentPairs } = forwarded;
  const stack = command.middlewareStack as Stack;
  if (userAgentPairs.length > 0) {
    const addPairs: Middleware = (next, context) => {
      const { userAgent: present } = context;
      Object.assign(context, { userAgent: [...(Array.isArray(present) ? (present as unknown[]) : []), ...userAgentPairs] });
      return next;
    };
    stack.add(addPairs, { name: "dynasealUserAgentPairs", step: "initialize", override: true });
  }
  if (headers.size > 0) {
    const addHeaders = changingHeaders((present) => {
      const names = new Set(Object.keys(present).map((name) => name.toLowerCase()));
      for (const [name, value] of headers) if (!names.has(name)) present[name] = value;
    });
    // High: before the SDK's own step that adds a trace header where there is none.
    stack.add(addHeaders, { name: "dynasealHeaders", step: "build", priority: "high", override: true });
  }
  if (userAgent.length > 0) {
    const addWords = changingHeaders((present) => {
      const words = present["user-agent"]?.split(" ") ?? [];
      present["user-agent"] = [...words, ...userAgent.filter((word) => !words.includes(word))].join(" ");
    });
    // Low, and of the command: after the client's own step, which writes the header.
    stack.add(addWords, { name: "dynasealUserAgent", step: "build", priority: "low", override: true });
  }
}

function changingHeaders(change: (headers: Record<string, string>) => void): Middleware {
  return (next) => (args) => {
    const { headers } = args.request as { readonly headers?: Record<string, string> };
    if (headers !== undefined) change(headers);
    return next(args);
  };
}
