import { type AddressInfo, createServer, connect as open, type Socket } from "node:net";

/** A request on its way to the server. */
export interface ProxiedRequest {
  /** Such as `"UpdateItem"`. */
  readonly operation: string;
  readonly body: string;
}

/** What becomes of a request and of its connection. */
export type Fault =
  | { readonly kind: "pass" }
  /** Cut before the request goes on: it never takes effect. */
  | { readonly kind: "refuse" }
  /** The server answers; then cut, without a word of the answer. */
  | { readonly kind: "lose" }
  /** Cut in the middle of the answer. */
  | { readonly kind: "tear" }
  /** The server answers; the client hears nothing, and its connection stays. */
  | { readonly kind: "hold" }
  /** Nothing goes on and nothing is answered; the connection stays. `arrived` is told. */
  | { readonly kind: "swallow"; readonly arrived?: () => void }
  /** The client is cut off at once; the request goes on when the promise is fulfilled. */
  | { readonly kind: "late"; readonly until: Promise<void> };

/** `landed` runs when the server has answered, before the client learns of it. */
export type PlannedFault = Fault & { readonly landed?: () => Promise<void> };

export interface FaultProxyOptions {
  /** Where requests go on to. */
  readonly endpoint: string;
  /** Decides as a request arrives. */
  readonly fault: (request: ProxiedRequest) => PlannedFault;
}

export interface FaultProxy {
  readonly endpoint: string;
  /** How often each kind was chosen. */
  readonly counts: ReadonlyMap<Fault["kind"], number>;
  /** Settles when every request that comes late has been answered. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export const pass: Fault = { kind: "pass" };

/** A write that comes when it is told to; `come` settles when the server has decided it. */
export function lateWrite(): { readonly fault: PlannedFault; readonly come: () => Promise<void> } {
  let go = (): void => undefined;
  let decided = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  const end = new Promise<void>((resolve) => {
    decided = resolve;
  });
  const come = async (): Promise<void> => {
    go();
    await end;
  };
  return { fault: { kind: "late", until, landed: async () => decided() }, come };
}

/** A TCP proxy before DynamoDB Local that knows where a request ends, and cuts connections as it is told. */
export async function startFaultProxy({ endpoint, fault }: FaultProxyOptions): Promise<FaultProxy> {
  const { hostname: host, port } = new URL(endpoint);
  const counts = new Map<Fault["kind"], number>();
  const sockets = new Set<Socket>();
  const late = new Set<Promise<void>>();

  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    // A cut connection is what this is about: nobody has to hear of it here.
    return socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  };
  const connect = (): Socket => track(open({ host, port: Number(port), noDelay: true }));

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect();
    track(client).on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    readRequests(client, (request, bytes) => {
      const chosen = fault(request);
      counts.set(chosen.kind, (counts.get(chosen.kind) ?? 0) + 1);
      if (chosen.kind === "late") {
        const sent = sendLate(connect, bytes, chosen.until).then(async () => {
          late.delete(sent);
          await chosen.landed?.();
        });
        late.add(sent);
      }
      if (chosen.kind === "late" || chosen.kind === "refuse") return void client.destroy();
      if (chosen.kind === "swallow") return chosen.arrived?.();
      answer(upstream, client, chosen.kind, chosen.landed);
      upstream.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    settled: async () => void (await Promise.all(late)),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Tells of each request when it has arrived whole. */
function readRequests(client: Socket, onRequest: (request: ProxiedRequest, bytes: Buffer) => void): void {
  let arrived = Buffer.alloc(0);
  client.on("data", (chunk: Buffer) => {
    arrived = Buffer.concat([arrived, chunk]);
    for (;;) {
      const headEnd = arrived.indexOf("\r\n\r\n") + 4;
      if (headEnd < 4) return;
      const head = arrived.subarray(0, headEnd).toString("latin1");
      const end = headEnd + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (arrived.length < end) return;
      const operation = /^x-amz-target: *\w+\.(\w+)/im.exec(head)?.[1] ?? "";
      const request = { operation, body: arrived.subarray(headEnd, end).toString() };
      const bytes = arrived.subarray(0, end);
      arrived = arrived.subarray(end);
      onRequest(request, bytes);
    }
  });
}

/** The server has decided when it begins to answer. */
function answer(upstream: Socket, client: Socket, kind: "pass" | "lose" | "tear" | "hold", landed?: () => Promise<void>): void {
  upstream.removeAllListeners("data");
  upstream.once("data", async (first: Buffer) => {
    upstream.pause();
    await landed?.();
    if (kind === "lose") return void client.destroy();
    if (kind === "tear") return void client.end(first.subarray(0, first.length / 2), () => client.destroy());
    if (kind === "pass") client.write(first);
    upstream.on("data", (more: Buffer) => kind === "pass" && client.write(more));
    upstream.resume();
  });
}

async function sendLate(connect: () => Socket, bytes: Buffer, until: Promise<void>): Promise<void> {
  await until;
  const socket = connect();
  await new Promise<void>((resolve) => {
    socket.once("close", resolve).once("data", () => socket.destroy());
    socket.write(bytes);
  });
}
