import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { isDynasealError } from "../../../src/errors/index.ts";
import type { JavaPeer, PeerAws } from "../java-peer.ts";
import type { Draws } from "./random.ts";
import { namesOf, rollingTable, type Version, versionClient, versionConfig, versions } from "./schema-versions.ts";

/** What was done to one item. */
export interface ItemTally {
  /** Guarded updates that were answered as done, by version. */
  readonly updates: Record<Version, number>;
  /** Guarded updates that would have exposed something. */
  readonly refused: Record<Version, number>;
  /** Native additions to `visits`, Java's among them. */
  visits: number;
  puts: number;
}

export function newTally(): ItemTally {
  return { updates: { v1: 0, v2: 0, v3: 0 }, refused: { v1: 0, v2: 0, v3: 0 }, visits: 0, puts: 0 };
}

/** Texts that must not stand in a row where their attribute is encrypted. */
export const secrets = { name: "secret name", phone: "secret phone", tier: "secret tier", extra: "secret extra" } as const;

/** What a version writes that not all others name; `extra` is named by none. */
const ownAttributes: Readonly<Record<Version, Readonly<Record<string, string>>>> = {
  v1: { fax: "fax" },
  v2: { phone: secrets.phone, note: "note", extra: secrets.extra },
  v3: { phone: secrets.phone, note: "note" },
};

/** A whole item as a version writes it; `tier` is what the versions do not agree on. */
export function itemFor(version: Version, id: string, writer: string, more: { readonly tier?: true } = {}): Record<string, AttributeValue> {
  const whole: Record<string, AttributeValue> = {
    id: { S: id },
    name: { S: secrets.name },
    count: { N: "0" },
    visits: { N: "0" },
    tenant: { S: "tenant" },
    writer: { S: writer },
    phone: { S: secrets.phone },
    note: { S: "note" },
    fax: { S: "fax" },
    ...(more.tier === undefined ? {} : { tier: { S: secrets.tier } }),
  };
  return Object.fromEntries(Object.entries(whole).filter(([name]) => namesOf(version).has(name)));
}

/** Which version a service has at a time of the rollout: the first at both ends, the last ones in the middle. */
export function versionAt(progress: number, random: Draws): Version {
  const rolled = 1 - Math.abs(2 * progress - 1);
  if (random.next() >= rolled * 1.2) return "v1";
  return random.next() < 0.6 ? "v2" : "v3";
}

export interface RollingWriters {
  /** A guarded update; counts it, or that it was refused. */
  update(version: Version, id: string): Promise<void>;
  put(version: Version, id: string): Promise<void>;
  javaPut(version: Version, id: string): Promise<void>;
  /** An update that Java's client lets through to the service. */
  javaVisit(version: Version, id: string): Promise<void>;
  javaGet(version: Version, id: string): Promise<Readonly<Record<string, AttributeValue>>>;
  get(version: Version, id: string): Promise<Readonly<Record<string, AttributeValue>>>;
  readonly tally: (id: string) => ItemTally;
}

/** Everybody who writes to the table, each with any of the versions. */
export function rollingWriters(parts: {
  /** Two for each version, so that guarded updates race each other. */
  readonly connect: () => DynamoDBClient;
  readonly peer: JavaPeer;
  readonly aws: PeerAws;
  readonly random: Draws;
}): RollingWriters {
  const { connect, peer, aws, random } = parts;
  const clientsOf = (version: Version): readonly [DynamoDBClient, DynamoDBClient] => [
    versionClient(version, connect()),
    versionClient(version, connect()),
  ];
  const clients = { v1: clientsOf("v1"), v2: clientsOf("v2"), v3: clientsOf("v3") };
  const configs = Object.fromEntries(versions.map((version) => [version, [versionConfig(version)]])) as Record<
    Version,
    [ReturnType<typeof versionConfig>]
  >;
  const tallies = new Map<string, ItemTally>();
  const tally = (id: string): ItemTally => {
    const found = tallies.get(id) ?? newTally();
    tallies.set(id, found);
    return found;
  };
  const java = (version: Version, action: string, params: object): Promise<Readonly<Record<string, unknown>>> =>
    peer.client({ configs: configs[version], action, params: { TableName: rollingTable, ...params }, aws });
  const keyOf = (id: string): Record<string, AttributeValue> => ({ id: { S: id } });

  async function update(version: Version, id: string): Promise<void> {
    const set = { writer: `update ${version}`, name: secrets.name, ...(random.next() < 0.5 ? ownAttributes[version] : {}) };
    for (;;) {
      try {
        await random.pick(clients[version]).send(
          new UpdateItemCommand({
            TableName: rollingTable,
            Key: keyOf(id),
            UpdateExpression: `ADD #count :one SET ${Object.keys(set)
              .map((name) => `#${name} = :${name}`)
              .join(", ")}`,
            ExpressionAttributeNames: Object.fromEntries(["count", ...Object.keys(set)].map((name) => [`#${name}`, name])),
            ExpressionAttributeValues: {
              ":one": { N: "1" },
              ...Object.fromEntries(Object.entries(set).map(([name, S]) => [`:${name}`, { S }])),
            },
          }),
        );
        tally(id).updates[version]++;
        return;
      } catch (error) {
        if (isDynasealError(error, "ERR_WOULD_EXPOSE")) {
          tally(id).refused[version]++;
          return;
        }
        if (!isDynasealError(error, "ERR_UPDATE_CONTENDED")) throw error;
      }
    }
  }

  return {
    update,
    tally,
    put: async (version, id) => {
      const Item = itemFor(version, id, `put ${version}`, { tier: true });
      await clients[version][0].send(new PutItemCommand({ TableName: rollingTable, Item }));
      tally(id).puts++;
    },
    javaPut: async (version, id) => {
      await java(version, "putItem", { Item: itemFor(version, id, `put Java ${version}`, { tier: true }) });
      tally(id).puts++;
    },
    javaVisit: async (version, id) => {
      await java(version, "updateItem", {
        Key: keyOf(id),
        UpdateExpression: "ADD visits :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      });
      tally(id).visits++;
    },
    javaGet: async (version, id) => {
      const { Item } = await java(version, "getItem", { Key: keyOf(id), ConsistentRead: true });
      return Item as Record<string, AttributeValue>;
    },
    get: async (version, id) => {
      const { Item } = await clients[version][0].send(
        new GetItemCommand({ TableName: rollingTable, Key: keyOf(id), ConsistentRead: true }),
      );
      return Item ?? {};
    },
  };
}
