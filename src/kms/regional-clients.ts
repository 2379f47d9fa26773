import type { KMSClient } from "@aws-sdk/client-kms";
import { kmsSdk } from "./sdk.ts";

/** Regions whose clients are kept; a discovery keyring meets Regions that anybody may have written into an item. */
const capacity = 16;

interface Entry {
  readonly client: Promise<KMSClient>;
  /** Not of the application's `clientSupplier`: ours to destroy. */
  readonly own: boolean;
  calls: number;
  pushedOut: boolean;
}

/**
 * KMS clients by Region, each made once; the least recently used goes when there are too many. One of our own is then
 * destroyed, as soon as no call uses it.
 */
export class RegionalClients {
  readonly #supply: ((region: string) => KMSClient | Promise<KMSClient>) | undefined;
  readonly #entries: Map<string, Entry> = new Map();

  constructor(supply: ((region: string) => KMSClient | Promise<KMSClient>) | undefined) {
    this.#supply = supply;
  }

  /** Runs one call on the client of a Region. A failing supplier is asked again next time. */
  async run<Result>(region: string, call: (client: KMSClient) => Promise<Result>): Promise<Result> {
    const entry = this.#entry(region);
    entry.calls++;
    try {
      return await call(await entry.client);
    } finally {
      entry.calls--;
      destroyIfIdle(entry);
    }
  }

  #entry(region: string): Entry {
    const known = this.#entries.get(region);
    if (known !== undefined) {
      this.#entries.delete(region);
      this.#entries.set(region, known);
      return known;
    }
    const supply = this.#supply ?? (async (of: string) => new (await kmsSdk()).KMSClient({ region: of }));
    // Inside an async function, so that a synchronous throw is a rejection like any other.
    const client = (async () => supply(region))();
    const entry: Entry = { client, own: this.#supply === undefined, calls: 0, pushedOut: false };
    this.#entries.set(region, entry);
    client.catch(() => {
      if (this.#entries.get(region) === entry) this.#entries.delete(region);
    });
    for (const [oldest, pushed] of this.#entries) {
      if (this.#entries.size <= capacity) break;
      this.#entries.delete(oldest);
      pushed.pushedOut = true;
      destroyIfIdle(pushed);
    }
    return entry;
  }
}

function destroyIfIdle({ client, own, calls, pushedOut }: Entry): void {
  if (!own || !pushedOut || calls > 0) return;
  client.then(
    (idle) => idle.destroy(),
    () => undefined,
  );
}
