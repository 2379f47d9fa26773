import { unsupported } from "./sdk-anchors.ts";

/** The options that the application gave to `send`. */
export interface SendOptions {
  readonly abortSignal?: AbortSignal | undefined;
  readonly [option: string]: unknown;
}

/** What stands in the place of an HTTP request in an encrypted client: the operation, ready to run. */
export class PreparedOperation {
  readonly #run: (options: SendOptions) => Promise<unknown>;

  constructor(run: (options: SendOptions) => Promise<unknown>) {
    this.#run = run;
  }

  run(options: SendOptions): Promise<unknown> {
    return this.#run(options);
  }
}

interface RequestHandlerLike {
  destroy?(): void;
  updateHttpClientConfig?(key: never, value: never): void;
  httpHandlerConfigs?(): object;
}

/**
 * The request handler of an encrypted client: it never opens a connection. Anything but a prepared operation, for
 * instance the HTTP request of a command that brought its own serializer, holds plaintext and is refused.
 */
export class OuterRequestHandler {
  readonly metadata: { readonly handlerProtocol: "dynaseal" } = { handlerProtocol: "dynaseal" };
  readonly #inner: () => RequestHandlerLike;
  readonly #destroy: () => void;

  constructor(parts: { readonly inner: () => RequestHandlerLike; readonly destroy: () => void }) {
    this.#inner = parts.inner;
    this.#destroy = parts.destroy;
  }

  /** @throws ERR_SDK_UNSUPPORTED */
  async handle(request: unknown, options: SendOptions = {}): Promise<{ readonly response: unknown }> {
    if (!(request instanceof PreparedOperation)) throw unsupported("a command brought its own serializer, past encryption");
    return { response: await request.run(options) };
  }

  destroy(): void {
    this.#destroy();
  }

  updateHttpClientConfig(key: never, value: never): void {
    this.#inner().updateHttpClientConfig?.(key, value);
  }

  httpHandlerConfigs(): object {
    return this.#inner().httpHandlerConfigs?.() ?? {};
  }
}
