import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateScan,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

/** One version of a service. */
export interface Fleet {
  readonly name: string;
  readonly documents: DynamoDBDocumentClient;
}

type Item = Readonly<Record<string, unknown>>;

/** Requests go on until so many are done, or until the signal. */
export type TrafficEnd = { readonly operations: number } | { readonly until: AbortSignal };

const lanes = 4;
const itemsPerLane = 6;

/**
 * Writers and readers of one table. Each item belongs to one lane, which does one request after the other, now with one
 * fleet and now with the other, and knows what was acknowledged last: what is read has to be that.
 */
export class LiveTraffic {
  readonly #table: string;
  readonly #prefix: string;
  readonly #acknowledged = new Map<string, Item>();
  #seed: number;

  constructor({ TableName, seed, prefix = "customer" }: { readonly TableName: string; readonly seed: number; readonly prefix?: string }) {
    this.#table = TableName;
    this.#seed = seed;
    this.#prefix = prefix;
  }

  /** Items that stand beside, which nobody writes. */
  expectUnchanged(items: readonly Item[]): void {
    for (const item of items) this.#acknowledged.set(String(item["customerId"]), item);
  }

  /** @returns what failed, or was read wrong */
  async run(fleets: readonly Fleet[], end: TrafficEnd): Promise<readonly string[]> {
    const failures: string[] = [];
    const goesOn = (done: number): boolean => ("until" in end ? !end.until.aborted : done < end.operations / lanes);
    const lane = async (number: number): Promise<void> => {
      for (let done = 0; goesOn(done); done++) {
        const fleet = fleets[this.#random(fleets.length)];
        if (fleet === undefined) return;
        const id = `${this.#prefix}-${number}-${this.#random(itemsPerLane)}`;
        const [name, act] = this.#actions[this.#random(this.#actions.length)] ?? [];
        try {
          await act?.(fleet.documents, id);
        } catch (error) {
          failures.push(`${fleet.name}, ${name} of ${id}: ${error instanceof Error ? `${error.name} ${error.message}` : error}`);
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
    return failures;
  }

  /** Items that a fleet reads otherwise than they were acknowledged. */
  async differences({ documents }: Fleet): Promise<readonly string[]> {
    const found = new Map<string, Item>();
    for await (const { Items = [] } of paginateScan({ client: documents }, { TableName: this.#table, ConsistentRead: true })) {
      for (const item of Items) found.set(String(item["customerId"]), item);
    }
    return [...new Set([...found.keys(), ...this.#acknowledged.keys()])].filter((id) => !isSame(found.get(id), this.#acknowledged.get(id)));
  }

  /** The same numbers for the same seed: a linear congruence is enough here. */
  #random(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * below);
  }

  #item(customerId: string): Item {
    const email = `${this.#random(1_000_000)}@example.com`;
    return { customerId, email, tier: this.#random(2) === 0 ? "gold" : "silver", note: { lines: [String(this.#random(9))] }, visits: 0 };
  }

  #expect(id: string, found: Item | undefined): void {
    if (!isSame(found, this.#acknowledged.get(id))) throw new Error("another item than the one that was acknowledged");
  }

  readonly #actions: readonly (readonly [string, (documents: DynamoDBDocumentClient, id: string) => Promise<void>])[] = [
    [
      "PutItem",
      async (documents, id) => {
        const Item = this.#item(id);
        await documents.send(new PutCommand({ TableName: this.#table, Item }));
        this.#acknowledged.set(id, Item);
      },
    ],
    [
      "BatchWriteItem",
      async (documents, id) => {
        const Item = this.#item(id);
        await documents.send(new BatchWriteCommand({ RequestItems: { [this.#table]: [{ PutRequest: { Item } }] } }));
        this.#acknowledged.set(id, Item);
      },
    ],
    [
      "UpdateItem",
      async (documents, id) => {
        const before = this.#acknowledged.get(id);
        if (before === undefined) return;
        const email = `${this.#random(1_000_000)}@example.org`;
        await documents.send(
          new UpdateCommand({
            TableName: this.#table,
            Key: { customerId: id },
            UpdateExpression: "SET email = :new ADD visits :one",
            ConditionExpression: "email = :old",
            ExpressionAttributeValues: { ":new": email, ":old": before["email"], ":one": 1 },
          }),
        );
        this.#acknowledged.set(id, { ...before, email, visits: Number(before["visits"]) + 1 });
      },
    ],
    [
      "UpdateItem of an unsigned attribute",
      async (documents, id) => {
        const before = this.#acknowledged.get(id);
        if (before === undefined) return;
        const { Attributes } = await documents.send(
          new UpdateCommand({
            TableName: this.#table,
            Key: { customerId: id },
            UpdateExpression: "ADD visits :one",
            ExpressionAttributeValues: { ":one": 1 },
            ReturnValues: "ALL_NEW",
          }),
        );
        this.#acknowledged.set(id, { ...before, visits: Number(before["visits"]) + 1 });
        this.#expect(id, Attributes);
      },
    ],
    [
      "TransactWriteItems",
      async (documents, id) => {
        const before = this.#acknowledged.get(id);
        if (before === undefined) return;
        const Update = {
          TableName: this.#table,
          Key: { customerId: id },
          UpdateExpression: "SET tier = :new REMOVE note",
          ExpressionAttributeValues: { ":new": "platinum" },
        };
        await documents.send(new TransactWriteCommand({ TransactItems: [{ Update }] }));
        const { note: _, ...rest } = before;
        this.#acknowledged.set(id, { ...rest, tier: "platinum" });
      },
    ],
    [
      "DeleteItem",
      async (documents, id) => {
        const { Attributes } = await documents.send(
          new DeleteCommand({ TableName: this.#table, Key: { customerId: id }, ReturnValues: "ALL_OLD" }),
        );
        this.#expect(id, Attributes);
        this.#acknowledged.delete(id);
      },
    ],
    [
      "GetItem",
      async (documents, id) => {
        const { Item } = await documents.send(new GetCommand({ TableName: this.#table, Key: { customerId: id }, ConsistentRead: true }));
        this.#expect(id, Item);
      },
    ],
    [
      "BatchGetItem",
      async (documents, id) => {
        const RequestItems = { [this.#table]: { Keys: [{ customerId: id }], ConsistentRead: true } };
        const { Responses = {} } = await documents.send(new BatchGetCommand({ RequestItems }));
        this.#expect(id, Responses[this.#table]?.[0]);
      },
    ],
    [
      "Query",
      async (documents, id) => {
        const { Items = [] } = await documents.send(
          new QueryCommand({
            TableName: this.#table,
            KeyConditionExpression: "customerId = :id",
            FilterExpression: "attribute_exists(tier)",
            ExpressionAttributeValues: { ":id": id },
            ConsistentRead: true,
          }),
        );
        this.#expect(id, Items[0]);
      },
    ],
  ];
}

function isSame(one: Item | undefined, other: Item | undefined): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(item: Item | undefined): unknown {
  return item && Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
