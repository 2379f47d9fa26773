import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Body {
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly Value?: string;
  readonly Type?: string;
  readonly Tier?: string;
  readonly Overwrite?: boolean;
}

interface Stored {
  readonly Type: string;
  readonly versions: string[];
}

/** A small Parameter Store on the loopback interface: what moto lacks of it. */
export interface LocalParameterStore {
  readonly endpoint: string;
  /** Latest values by name. */
  values(): ReadonlyMap<string, string>;
  /** Calls, as `GetParameters 3` with the number of names. */
  readonly calls: string[];
  /** Puts a value behind everybody's back; as the newest version, or in place of one. */
  plant(name: string, value: string, version?: number): void;
  remove(name: string): void;
  /** Error that the next calls of an operation end with; `undefined` lifts it. */
  fail(operation: string, error: string | undefined): void;
  /** Requests a second, as the service has 40; `undefined` for as many as come. */
  limit: number | undefined;
  stop(): Promise<void>;
}

const limits: Readonly<Record<string, number>> = { Standard: 4096, Advanced: 8192 };

export async function startParameterStore(): Promise<LocalParameterStore> {
  const stored = new Map<string, Stored>();
  const failures = new Map<string, string>();
  const calls: string[] = [];
  let second = 0;
  let inSecond = 0;

  const parameter = (selector: string): object | undefined => {
    const [name = "", version] = selector.split(":");
    const found = stored.get(name);
    const number = version === undefined ? found?.versions.length : Number(version);
    const Value = found?.versions[(number ?? 0) - 1];
    return found === undefined || Value === undefined ? undefined : { Name: name, Type: found.Type, Value, Version: number };
  };
  const operations: Readonly<Record<string, (body: Body) => object | string>> = {
    GetParameter: ({ Name = "" }) => {
      const Parameter = parameter(Name);
      return Parameter === undefined ? (Name.includes(":") ? "ParameterVersionNotFound" : "ParameterNotFound") : { Parameter };
    },
    GetParameters: ({ Names: names = [] }) => {
      if (names.length > 10) return "ValidationException";
      const Parameters = names.flatMap((name) => parameter(name) ?? []);
      return { Parameters, InvalidParameters: names.filter((name) => parameter(name) === undefined) };
    },
    PutParameter: ({ Name = "", Value = "", Type = "String", Tier = "Standard", Overwrite }) => {
      if (Buffer.byteLength(Value) > (limits[Tier] ?? 0)) return "ValidationException";
      const there = stored.get(Name);
      if (there !== undefined && Overwrite !== true) return "ParameterAlreadyExists";
      const versions = [...(there?.versions ?? []), Value];
      stored.set(Name, { Type, versions });
      return { Version: versions.length, Tier };
    },
  };
  const store = { limit: undefined as number | undefined };
  const throttled = (): boolean => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, inSecond] = [now, 0];
    return store.limit !== undefined && ++inSecond > store.limit;
  };
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const body = JSON.parse(await textOf(request)) as Body;
    calls.push(`${operation} ${body.Names?.length ?? 1}`);
    const run = operations[operation];
    const answer = failures.get(operation) ?? (throttled() ? "ThrottlingException" : (run?.(body) ?? "UnknownOperationException"));
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (typeof answer === "string") {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: answer, message: `refused: ${answer}` }));
    } else response.end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return Object.assign(store, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    values: () => new Map([...stored].map(([name, { versions }]) => [name, versions.at(-1) ?? ""])),
    calls,
    plant: (name: string, value: string, version?: number) => {
      const { Type, versions } = stored.get(name) ?? { Type: "String", versions: [] };
      if (version === undefined) versions.push(value);
      else versions[version - 1] = value;
      stored.set(name, { Type, versions });
    },
    remove: (name: string) => void stored.delete(name),
    fail: (operation: string, error: string | undefined) =>
      void (error === undefined ? failures.delete(operation) : failures.set(operation, error)),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
