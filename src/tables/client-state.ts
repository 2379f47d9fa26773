import type { Randomness } from "../crypto/index.ts";
import type { Clock } from "../materials/index.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import type { ProtectedTables } from "./protected-tables.ts";
import type { Freshness } from "./revision.ts";
import { TransactionTokens } from "./transaction-token.ts";

/** What lives as long as an encrypted client; every operation is handed the same. */
export interface ClientState {
  readonly tables: ProtectedTables;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Guarded writes of one item run one after the other, so that a process does not race itself. */
  readonly queue: KeyedQueue;
  /** What was sent for the application's ClientRequestTokens. */
  readonly tokens: TransactionTokens;
  /** What the application knows of its items' revisions. */
  readonly freshness: Freshness | undefined;
}

/** The state of a new client. */
export function clientState(parts: Omit<ClientState, "queue" | "tokens">): ClientState {
  const { randomness, clock } = parts;
  return { ...parts, queue: new KeyedQueue(), tokens: new TransactionTokens({ randomness, clock }) };
}
