import { DynasealError, invalidArgument } from "../../errors/index.ts";
import { FaultGate } from "./faults.ts";
import { type FrontRequest, HttpFront, unknownOperation } from "./http-front.ts";
import type { LocalGlobalTable, LocalGlobalTableOptions, LocalTable, ReplicationPath } from "./local-global-table.ts";
import { LocalRegion } from "./local-region.ts";
import { operationTable } from "./operations.ts";
import { Replication } from "./replication.ts";
import { ServiceException } from "./service-exception.ts";
import { withTableNames } from "./table-arns.ts";
import { TableOperations } from "./table-operations.ts";
import { attributesOfWire, parseWire, type WireBody, type WireItem } from "./wire.ts";

/**
 * Starts DynamoDB Global Tables (version 2019.11.21, eventually consistent) in this process, in memory, on free ports
 * of 127.0.0.1.
 *
 * Each Region takes reads and writes; every write is copied to the table's other Regions as a whole item, where the
 * last writer wins, deletions included. `lag`, `pause` and `faults` make the trouble that a test needs. Transactions
 * are atomic in their Region and, as in AWS, replicate item by item. Signatures are not checked, any credentials do.
 *
 * Not there: PartiQL, streams, backups, expiry of items. What remembers but does nothing: point-in-time recovery, time to
 * live, throughput. An index that UpdateTable adds is filled before the answer comes.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { startLocalGlobalTable } from "dynaseal/testing";
 *
 * const server = await startLocalGlobalTable({ regions: ["us-east-1", "eu-west-1"] });
 * const client = new DynamoDBClient(server.clientConfig("eu-west-1"));
 * client.destroy();
 * await server.stop();
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT where `regions` is empty or names one twice, ERR_LOCAL_TABLE_REFUSED
 */
export async function startLocalGlobalTable(options: LocalGlobalTableOptions): Promise<LocalGlobalTable> {
  const names = checkedRegions(options.regions);
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const faults = new FaultGate({ checkRegion: (name) => regionNamed(name), onLift: () => replication.release() });
  const replication = new Replication({
    regions: names,
    lag: options.lag ?? 0,
    apply: async (change, to) => regionNamed(to).apply(change),
    isDown: (name) => faults.isDown(name),
  });
  const replicate = replication.send.bind(replication);
  const regions = new Map(names.map((name) => [name, new LocalRegion({ name, now, replicate })]));
  const tables = new TableOperations({ regions, scope: options.tableScope ?? "everywhere" });
  const operations = operationTable(regions, tables);
  const requests = new Map<string, { readonly region: string; readonly operation: string; count: number }>();

  function regionNamed(name: string): LocalRegion {
    const region = regions.get(name);
    if (region === undefined) throw invalidArgument("region", `one of ${names.join(", ")}`);
    return region;
  }

  async function handle({ region: name, operation, body }: FrontRequest): Promise<WireBody | undefined> {
    const region = regions.get(name);
    if (region === undefined) throw unknownRegion(name);
    const key = `${name} ${operation}`;
    const counter = requests.get(key) ?? { region: name, operation, count: 0 };
    counter.count++;
    requests.set(key, counter);
    if (!(await faults.pass(name, operation))) return undefined;
    const run = operations.get(operation);
    if (run === undefined) throw unknownOperation();
    const request = withTableNames(body, name);
    return request.answer(await run(region, request.body));
  }

  function checkPath({ from, to }: ReplicationPath): void {
    for (const name of [from, to]) if (name !== undefined) regionNamed(name);
  }

  const [first] = regions.values();
  for (const table of options.tables ?? []) if (first !== undefined) await createTable(tables, first, table);

  const shared = new HttpFront(handle);
  const fronts = names.map((name) => ({ name, front: new HttpFront(handle, name) }));
  const endpoint = await shared.start();
  const endpoints: Record<string, string> = {};
  for (const { name, front } of fronts) endpoints[name] = await front.start();

  return {
    endpoint,
    regions: names,
    endpoints,
    clientConfig: (region) => ({
      endpoint,
      region: regionNamed(region).name,
      credentials: { accessKeyId: "AKIALOCALTABLE", secretAccessKey: "local" },
    }),
    faults,
    get lag() {
      return replication.lag;
    },
    set lag(lag) {
      replication.lag = lag;
    },
    async rawItems(region, tableName) {
      const items = await scanAll(regionNamed(region), tableName);
      return items.map(attributesOfWire);
    },
    pause(path = {}) {
      checkPath(path);
      replication.pause(path);
    },
    resume(path = {}) {
      checkPath(path);
      replication.resume(path);
    },
    settled: () => replication.settled(),
    countRequests(which = {}) {
      const counted = Array.from(requests.values()).filter(
        ({ region, operation }) => (which.region ?? region) === region && (which.operation ?? operation) === operation,
      );
      return counted.reduce((sum, { count }) => sum + count, 0);
    },
    async stop() {
      replication.stop();
      await Promise.all([shared, ...fronts.map(({ front }) => front)].map((front) => front.stop()));
      faults.clear();
      await Promise.all(Array.from(regions.values(), (region) => region.store.close()));
    },
  };
}

function checkedRegions(regions: readonly string[]): readonly string[] {
  const valid = Array.isArray(regions) && regions.length > 0 && regions.every((region) => /^[a-z]{2,}(?:-[a-z0-9]+)+$/.test(region));
  if (!valid || new Set(regions).size < regions.length) throw invalidArgument("regions", "a list of different Regions such as us-east-1");
  return Object.freeze([...regions]);
}

async function createTable(tables: TableOperations, first: LocalRegion, table: LocalTable): Promise<void> {
  try {
    // What goes over the wire has no undefined members, and is not the caller's object.
    const body = parseWire(JSON.stringify({ ...table, ...(!table.ProvisionedThroughput && { BillingMode: "PAY_PER_REQUEST" }) }));
    await tables.createTable(first, body ?? {}, "everywhere");
  } catch (cause) {
    if (!(cause instanceof ServiceException)) throw cause;
    throw new DynasealError("ERR_LOCAL_TABLE_REFUSED", { details: { tableName: String(table.TableName), reason: cause.message }, cause });
  }
}

function scanAll(region: LocalRegion, tableName: string): Promise<WireItem[]> {
  return region.lock.shared(async () => {
    if (!region.replicas.has(tableName)) {
      throw invalidArgument("tableName", `one of the tables in ${region.name}: ${[...region.replicas.keys()].join(", ")}`);
    }
    const items: WireItem[] = [];
    let start: unknown;
    do {
      const page = await region.store.run("Scan", { TableName: tableName, ExclusiveStartKey: start });
      items.push(...((page.Items ?? []) as WireItem[]));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return items;
  });
}

function unknownRegion(region: string): ServiceException {
  return new ServiceException(400, {
    __type: "com.amazon.coral.service#UnrecognizedClientException",
    message: `The local Global Table was started without Region ${region}`,
  });
}
