import { createInterface } from "node:readline";
import type { PeerAws, PeerKeyStoreRequest } from "./java-peer.ts";
import { startJava } from "./java-process.ts";

/** Versions of the published Java library's material providers that wrote `create-time` with a colon. */
export const oldProviders = ["1.0.2", "1.5.1"] as const;

export interface OldKeyStore {
  readonly tableName: string;
  readonly logicalKeyStoreName: string;
  readonly kmsKeyArn: string;
}

/** A data key of the hierarchical keyring under the HMAC suite; bytes in base64. */
export interface OldDataKey {
  readonly keyProviderId: string;
  readonly keyProviderInfo: string;
  readonly ciphertext: string;
  readonly dataKey: string;
  readonly symmetricSigningKey: string;
}

/** Older material providers in a process of its own; requests are answered one by one. */
export interface OldJavaPeer {
  keyStore(
    action: PeerKeyStoreRequest["action"],
    input?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>> & { readonly branchKeyVersion?: string }>;
  /** A new data key under the ACTIVE version. */
  wrap(branchKeyId: string, encryptionContext: Readonly<Record<string, string>>): Promise<OldDataKey>;
  unwrap(
    branchKeyId: string,
    encryptionContext: Readonly<Record<string, string>>,
    encryptedDataKey: Pick<OldDataKey, "keyProviderId" | "keyProviderInfo" | "ciphertext">,
  ): Promise<Pick<OldDataKey, "dataKey" | "symmetricSigningKey">>;
  stop(): Promise<void>;
}

/** Needs Java 17 and, beforehand, `interop/prepare.sh java-old` (`npm run test:interop` runs it). */
export function startOldJavaPeer(
  providers: (typeof oldProviders)[number],
  options: { readonly keyStore: OldKeyStore; readonly aws: PeerAws },
): OldJavaPeer {
  const { child, ended, stop } = startJava({
    ...{ project: "java-old", build: providers, jar: "interop.jar", mainClass: "dev.dynaseal.interop.OldMain" },
    // The library recurses over bytes.
    flags: ["-Xss64m"],
  });
  const waiting: { resolve(result: unknown): void; reject(error: Error): void }[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { result, error } = JSON.parse(line) as { readonly result?: unknown; readonly error?: { type: string; message: string } };
    const request = waiting.shift();
    if (error === undefined) request?.resolve(result);
    else request?.reject(new Error(`${error.type}: ${error.message}`));
  });
  ended.then((reason) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(reason));
  });
  const ask = <Result>(operation: string, fields: object): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ resolve: resolve as (result: unknown) => void, reject });
      child.stdin.write(`${JSON.stringify({ id: 0, operation, ...options, ...fields })}\n`);
    });
  return {
    keyStore: (action, input = {}) => ask("keyStore", { action, input }),
    wrap: (branchKeyId, encryptionContext) => ask("wrap", { branchKeyId, encryptionContext }),
    unwrap: (branchKeyId, encryptionContext, encryptedDataKey) => ask("unwrap", { branchKeyId, encryptionContext, encryptedDataKey }),
    stop,
  };
}
