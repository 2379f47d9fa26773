import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  type Projection,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import type { PartProjection, TableShape } from "./random-tables.ts";

export interface PhysicalTable {
  readonly role: "reference" | "subject";
  readonly shape: TableShape;
  /** What the index `byGroup` holds; `byTag` holds everything. */
  readonly partProjection: PartProjection | "ALL";
}

/** What `byGroup` holds beside keys where it includes some attributes. */
const includedAttributes = ["a", "tag", "Notes"];

/** The attributes that `byGroup` holds of an item. */
export function attributesOfGroupIndex(partProjection: PartProjection): ReadonlySet<string> {
  return new Set(["pk", "sk", "group", "score", ...(partProjection === "INCLUDE" ? includedAttributes : [])]);
}

/** Physical tables, made when a scenario first needs them and emptied for the next one. */
export class PhysicalTables {
  readonly #client: DynamoDBClient;
  readonly #created: Map<string, Promise<void>> = new Map();

  constructor(client: DynamoDBClient) {
    this.#client = client;
  }

  /** The name of a table that has no items. */
  async empty(table: PhysicalTable): Promise<string> {
    const { role, shape, partProjection } = table;
    const TableName = [role, shape.partitionType, shape.sortType ?? "none", partProjection].join("-");
    const created = this.#created.get(TableName) ?? this.#create(TableName, table);
    this.#created.set(TableName, created);
    await created;
    const rows = await this.rows(TableName);
    const deletes = rows.map(({ pk, sk }) => ({ DeleteRequest: { Key: keyAttributes(pk, sk, shape) } }));
    if (deletes.length > 0) await this.#client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: deletes } }));
    return TableName;
  }

  /** What is stored, as it is stored. */
  async rows(TableName: string): Promise<readonly Record<string, AttributeValue>[]> {
    return (await this.#client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
  }

  async #create(TableName: string, { shape, partProjection }: PhysicalTable): Promise<void> {
    const { partitionType, sortType } = shape;
    const sortKey = sortType === undefined ? [] : [{ AttributeName: "sk", KeyType: "RANGE" as const }];
    const projection: Projection =
      partProjection === "INCLUDE"
        ? { ProjectionType: "INCLUDE", NonKeyAttributes: includedAttributes }
        : { ProjectionType: partProjection };
    await this.#client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: partitionType },
          ...(sortType === undefined ? [] : [{ AttributeName: "sk", AttributeType: sortType }]),
          { AttributeName: "tag", AttributeType: "S" },
          { AttributeName: "group", AttributeType: "S" },
          { AttributeName: "score", AttributeType: "N" },
        ],
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, ...sortKey],
        GlobalSecondaryIndexes: [
          { IndexName: "byTag", KeySchema: [{ AttributeName: "tag", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
          {
            IndexName: "byGroup",
            KeySchema: [
              { AttributeName: "group", KeyType: "HASH" },
              { AttributeName: "score", KeyType: "RANGE" },
            ],
            Projection: projection,
          },
        ],
      }),
    );
  }
}

function keyAttributes(
  pk: AttributeValue | undefined,
  sk: AttributeValue | undefined,
  { sortType }: TableShape,
): Record<string, AttributeValue> {
  if (pk === undefined) throw new Error("a row without its partition key");
  return sortType === undefined || sk === undefined ? { pk } : { pk, sk };
}
