import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What an execution of moto's Step Functions came to. */
export interface MotoExecution {
  readonly status: string;
  readonly output: string | undefined;
  readonly cause: string | undefined;
  /** As GetExecutionHistory gives it. */
  readonly history: string;
}

/** moto's Step Functions, whose Lambda calls a function of this process answers. */
export interface Moto {
  execute(definition: string, input: object): Promise<MotoExecution>;
  stop(): Promise<void>;
}

const region = "eu-west-1";

/**
 * Starts moto's server with its interpreter of state machines. It sends Lambda calls to "itself", at the port that it is
 * told: there a front of this process hands them to the function.
 *
 * @param command of moto's server, such as `…/bin/moto_server`
 */
export async function startMoto(command: string, call: (payload: unknown) => Promise<unknown>): Promise<Moto> {
  const front = await lambdaFront(call);
  const port = await freePort();
  const server = spawn(command, ["-p", String(port)], {
    env: { PATH: process.env["PATH"], MOTO_PORT: String((front.address() as AddressInfo).port) },
    stdio: "ignore",
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answering(`${endpoint}/moto-api/data.json`, server);
  await fetch(`${endpoint}/moto-api/config`, { method: "POST", body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }) });
  const ask = async (operation: string, body: object): Promise<Record<string, unknown>> => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AWSStepFunctions.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${region}/states/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${operation}: ${text}`);
    return JSON.parse(text);
  };
  let made = 0;
  return {
    async execute(definition, input) {
      made++;
      const roleArn = "arn:aws:iam::123456789012:role/workflow";
      const { stateMachineArn } = await ask("CreateStateMachine", { name: `table-job-${made}`, definition, roleArn });
      const { executionArn } = await ask("StartExecution", { stateMachineArn, input: JSON.stringify(input) });
      for (;;) {
        const { status, output, cause } = await ask("DescribeExecution", { executionArn });
        if (status !== "RUNNING") {
          const history = JSON.stringify(await ask("GetExecutionHistory", { executionArn }));
          return { status: String(status), output: output as string | undefined, cause: cause as string | undefined, history };
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    async stop() {
      server.kill();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

/** As the Lambda service answers `Invoke`. */
function lambdaFront(call: (payload: unknown) => Promise<unknown>): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      try {
        const answer = await call(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
      } catch (error) {
        const { name, message } = error instanceof Error ? error : new Error("unknown");
        const body = JSON.stringify({ errorType: name, errorMessage: message });
        response.writeHead(200, { "content-type": "application/json", "x-amz-function-error": "Unhandled" }).end(body);
      }
    });
  });
  return new Promise((resolve) => server.listen(0, "localhost", () => resolve(server)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) throw new Error("moto's server did not start.");
    const isThere = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("moto's server does not answer.");
}
