import type { GlobalTable } from "./change.ts";
import { changeIndexes, indexChangesOf } from "./index-changes.ts";
import type { TableScope } from "./local-global-table.ts";
import type { LocalRegion, Replica } from "./local-region.ts";
import { RegionLock } from "./region-lock.ts";
import { resourceNotFound, validationException } from "./service-exception.ts";
import { creationOf } from "./table-creation.ts";
import { isRecord, type WireBody } from "./wire.ts";

/** Creates, changes, describes and deletes tables and their replicas. One such operation runs at a time. */
export class TableOperations {
  readonly #regions: ReadonlyMap<string, LocalRegion>;
  readonly #scope: TableScope;
  readonly #lock = new RegionLock();

  constructor(options: {
    readonly regions: ReadonlyMap<string, LocalRegion>;
    readonly scope: TableScope;
  }) {
    this.#regions = options.regions;
    this.#scope = options.scope;
  }

  createTable(region: LocalRegion, body: WireBody, scope: TableScope = this.#scope): Promise<WireBody> {
    return this.#lock.exclusive(async () => {
      const { TableName: tableName } = region.store.prepare("CreateTable", body);
      const deletionProtection = booleanMember(body, "DeletionProtectionEnabled") ?? false;
      const table: GlobalTable = { tableName, regions: new Set() };
      let answer: WireBody = {};
      for (const target of scope === "everywhere" ? this.#inOrderFrom(region) : [region]) {
        const created = await createReplica(target, body, table);
        created.replica.deletionProtection = deletionProtection;
        if (target === region) answer = created.description;
      }
      return { TableDescription: this.#decorated(region, tableName, answer) };
    });
  }

  deleteTable(region: LocalRegion, body: WireBody): Promise<WireBody> {
    return this.#lock.exclusive(async () => {
      const { TableName: tableName } = region.store.prepare("DeleteTable", body);
      const { table } = replicaOf(region, tableName);
      const targets = this.#scope === "everywhere" ? this.#regionsOf(table, region) : [region];
      if (targets.some((target) => target.replicas.get(tableName)?.deletionProtection === true)) {
        throw validationException(
          "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
        );
      }
      let answer: WireBody = {};
      for (const target of targets) {
        const description = await deleteReplica(target, tableName);
        if (target === region) answer = description;
      }
      return { TableDescription: answer };
    });
  }

  updateTable(region: LocalRegion, body: WireBody): Promise<WireBody> {
    return this.#lock.exclusive(async () => {
      const { ReplicaUpdates: replicaUpdates, DeletionProtectionEnabled: _, ...settings } = body;
      const deletionProtection = booleanMember(body, "DeletionProtectionEnabled");
      const tableName = String(body.TableName);
      const { table } = replicaOf(region, tableName);
      const { changes, rest } = indexChangesOf(region, settings);
      if (changes.length > 0) await changeIndexes(this.#regionsOf(table, region), tableName, changes);

      const ours = [replicaUpdates, deletionProtection, changes[0]].some((part) => part !== undefined);
      const onlyOurs = Object.keys(rest).length === 1 && ours;
      if (!onlyOurs) {
        for (const target of this.#regionsOf(table, region)) {
          await target.lock.exclusive(() => target.store.run("UpdateTable", rest));
          await untilStatus(target, tableName, "ACTIVE");
        }
      }
      if (deletionProtection !== undefined) {
        // Replicas do not share this setting in AWS.
        for (const target of this.#scope === "everywhere" ? this.#regionsOf(table, region) : [region]) {
          replicaOf(target, tableName).deletionProtection = deletionProtection;
        }
      }
      for (const update of Array.isArray(replicaUpdates) ? replicaUpdates : []) await this.#updateReplica(region, table, update);
      const description = await region.store.describe(tableName);
      return { TableDescription: this.#decorated(region, tableName, description ?? {}) };
    });
  }

  async describeTable(region: LocalRegion, body: WireBody): Promise<WireBody> {
    const { Table } = await region.lock.shared(() => region.store.run("DescribeTable", body));
    return { Table: this.#decorated(region, String(body.TableName), isRecord(Table) ? Table : {}) };
  }

  async #updateReplica(region: LocalRegion, table: GlobalTable, update: unknown): Promise<void> {
    const { Create, Delete } = isRecord(update) ? update : {};
    if (isRecord(Create)) await this.#addReplica(region, table, this.#target(Create));
    else if (isRecord(Delete)) await deleteReplica(this.#target(Delete), table.tableName);
    else throw validationException("One or more parameter values were invalid: a replica update has to name Create or Delete");
  }

  async #addReplica(region: LocalRegion, table: GlobalTable, target: LocalRegion): Promise<void> {
    const existing = target.replicas.get(table.tableName);
    // Created "everywhere", the table has this replica already: code that adds it gets what it asks for.
    if (existing?.table === table && this.#scope === "everywhere") return;
    if (existing !== undefined) {
      throw validationException(
        `Failed to create a the new replica of table with name: '${table.tableName}' in region: '${target.name}': it exists there already`,
      );
    }
    const sources = this.#regionsOf(table, region);
    await createReplica(target, creationOf((await region.store.describe(table.tableName)) ?? {}), table);
    for (const source of sources) {
      for (const change of await source.changesOf(table)) await target.apply(change);
    }
    replicaOf(target, table.tableName).timeToLiveAttribute = replicaOf(region, table.tableName).timeToLiveAttribute;
  }

  #target(action: WireBody): LocalRegion {
    const target = this.#regions.get(String(action.RegionName));
    if (target === undefined) throw validationException(`Unsupported Region name: ${String(action.RegionName)}`);
    return target;
  }

  #decorated(region: LocalRegion, tableName: string, description: WireBody): WireBody {
    const replica = region.replicas.get(tableName);
    if (replica === undefined) return description;
    const others = this.#regionsOf(replica.table, region).filter((other) => other !== region);
    return {
      ...description,
      DeletionProtectionEnabled: replica.deletionProtection,
      ...(others.length > 0 && {
        GlobalTableVersion: "2019.11.21",
        Replicas: others.map((other) => ({ RegionName: other.name, ReplicaStatus: "ACTIVE" })),
      }),
    };
  }

  #regionsOf(table: GlobalTable, first: LocalRegion): LocalRegion[] {
    return this.#inOrderFrom(first).filter((region) => table.regions.has(region.name));
  }

  #inOrderFrom(first: LocalRegion): LocalRegion[] {
    return [first, ...Array.from(this.#regions.values()).filter((region) => region !== first)];
  }
}

/** The table in that Region; throws the service's ResourceNotFoundException. */
export function replicaOf(region: LocalRegion, tableName: string): Replica {
  const replica = region.replicas.get(tableName);
  if (replica === undefined) throw resourceNotFound(tableName);
  return replica;
}

async function createReplica(
  region: LocalRegion,
  body: WireBody,
  table: GlobalTable,
): Promise<{ description: WireBody; replica: Replica }> {
  return region.lock.exclusive(async () => {
    const { TableDescription: description } = await region.store.run("CreateTable", body);
    // The SDK's waiters look at once and then only every 20 seconds, so an answer means that the table is there.
    await untilStatus(region, table.tableName, "ACTIVE");
    const replica: Replica = {
      table,
      versions: new Map(),
      deletionProtection: false,
      recoveryPeriodInDays: undefined,
      recoverySince: 0,
      timeToLiveAttribute: undefined,
    };
    table.regions.add(region.name);
    region.replicas.set(table.tableName, replica);
    return { description: isRecord(description) ? description : {}, replica };
  });
}

async function deleteReplica(region: LocalRegion, tableName: string): Promise<WireBody> {
  return region.lock.exclusive(async () => {
    const { TableDescription: description } = await region.store.run("DeleteTable", { TableName: tableName });
    await untilStatus(region, tableName, undefined);
    region.replicas.get(tableName)?.table.regions.delete(region.name);
    region.replicas.delete(tableName);
    return isRecord(description) ? description : {};
  });
}

async function untilStatus(region: LocalRegion, tableName: string, status: string | undefined): Promise<void> {
  while ((await region.store.describe(tableName))?.TableStatus !== status) await new Promise((resolve) => setTimeout(resolve, 1));
}

function booleanMember(body: WireBody, member: string): boolean | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw validationException(`One or more parameter values were invalid: ${member} has to be true or false`);
}
