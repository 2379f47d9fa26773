import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { type AttributeMap, type AttributeValue, attributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { nameInUserAgent, refusePlainHttp, watchEndpoint } from "../kms/index.ts";
import type { KeyringCall } from "../materials/index.ts";

/** How the key store's table is reached. */
export interface StorageOptions {
  readonly tableName: string;
  readonly region?: string | undefined;
  readonly client?: DynamoDBClient | undefined;
  readonly clientSupplier?: ((region: string) => DynamoDBClient | Promise<DynamoDBClient>) | undefined;
  /**
   * Takes plain http endpoints that are not on this machine, for the table and, unless `kms` says otherwise, for KMS; for
   * containers on one host. Everybody on the way then reads plaintext keys. Default false.
   */
  readonly allowPlainHttp?: boolean | undefined;
}

/** One row to be put: new, or in place of the row that still holds `replaces` as its `enc`. */
export interface RowPut {
  readonly row: AttributeMap;
  readonly replaces?: Uint8Array;
}

/** One row in place of what was read under the same key: `undefined` was absent, or is to be deleted. */
export interface RowReplacement {
  readonly row: AttributeMap | undefined;
  readonly inPlaceOf: AttributeMap | undefined;
}

/** The key store's table; every DynamoDB call on rows is here. */
export class Storage {
  readonly tableName: string;
  readonly #options: StorageOptions;
  readonly #fallbackRegion: string | undefined;
  readonly #clients: Map<string, Promise<DynamoDBClient>> = new Map();

  /** @param fallbackRegion where the table is looked for if neither configuration nor call names a Region */
  constructor(options: StorageOptions, fallbackRegion: string | undefined) {
    this.#options = options;
    this.tableName = options.tableName;
    this.#fallbackRegion = fallbackRegion;
  }

  /** The table's Region; `undefined` leaves it to the AWS SDK's own configuration. */
  async region(call: KeyringCall): Promise<string | undefined> {
    const { region, client } = this.#options;
    return region ?? (client === undefined ? (call.region ?? this.#fallbackRegion) : client.config.region());
  }

  /** The client of a Region; made once for each. */
  async client(region: string | undefined): Promise<DynamoDBClient> {
    const { client, clientSupplier } = this.#options;
    if (client !== undefined && (region === undefined || region === (await this.region({})))) return client;
    const key = region ?? "";
    let supplied = this.#clients.get(key);
    if (supplied === undefined) {
      supplied =
        clientSupplier !== undefined && region !== undefined
          ? Promise.resolve(clientSupplier(region))
          : Promise.resolve(new DynamoDBClient(region === undefined ? {} : { region }));
      this.#clients.set(key, supplied);
      supplied.catch(() => this.#clients.delete(key));
    }
    return supplied;
  }

  /**
   * The row, read consistently: a version that was made in this Region is seen at once.
   *
   * @throws ERR_KEY_STORE_TABLE_NOT_FOUND, ERR_KEY_STORE_ACCESS_DENIED, ERR_KEY_STORE_UNAVAILABLE, ERR_ABORTED
   */
  async get(branchKeyId: string, type: string, call: KeyringCall): Promise<AttributeMap | undefined> {
    const command = new GetItemCommand({
      TableName: this.tableName,
      Key: { "branch-key-id": { S: branchKeyId }, type: { S: type } },
      ConsistentRead: true,
    });
    return this.run("GetItem", call, async (client, options) => {
      const { Item } = await client.send(this.prepared(command), options);
      return Item && attributeMap(Object.entries(Item));
    });
  }

  /**
   * Puts all rows or none.
   *
   * @returns whether every row's condition held
   * @throws as {@link Storage.get}
   * @see framework/branch-key-store.md "Writing Branch Key and Beacon Key to Keystore", "VersionKey"
   */
  async put(rows: readonly RowPut[], call: KeyringCall): Promise<boolean> {
    return this.#transact(
      rows.map((row) => this.#putAction(row)),
      call,
    );
  }

  /**
   * Replaces all rows or none.
   *
   * @returns whether every row still was what had been read
   * @throws as {@link Storage.get}
   */
  async replace(rows: readonly RowReplacement[], call: KeyringCall): Promise<boolean> {
    return this.#transact(
      rows.map((row) => this.#replaceAction(row)),
      call,
    );
  }

  /** The sort keys of a branch key's rows, read consistently. @throws as {@link Storage.get} */
  async types(branchKeyId: string, call: KeyringCall): Promise<string[]> {
    const types: string[] = [];
    let start: AttributeMap | undefined;
    do {
      const command: QueryCommand = new QueryCommand({
        TableName: this.tableName,
        KeyConditionExpression: "#id = :id",
        ProjectionExpression: "#type",
        ExpressionAttributeNames: { "#id": "branch-key-id", "#type": "type" },
        ExpressionAttributeValues: { ":id": { S: branchKeyId } },
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      const page = await this.run("Query", call, (client, options) => client.send(this.prepared(command), options));
      for (const { type } of page.Items ?? []) if (type?.S !== undefined) types.push(type.S);
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return types;
  }

  /** @throws as {@link Storage.get} */
  async delete(branchKeyId: string, type: string, call: KeyringCall): Promise<void> {
    const command = new DeleteItemCommand({ TableName: this.tableName, Key: { "branch-key-id": { S: branchKeyId }, type: { S: type } } });
    await this.run("DeleteItem", call, (client, options) => client.send(this.prepared(command), options));
  }

  /** The same table in another Region. */
  async inRegion(region: string): Promise<Storage> {
    return new Storage({ ...this.#options, region, client: await this.client(region) }, region);
  }

  async #transact(TransactItems: TransactWriteItem[], call: KeyringCall): Promise<boolean> {
    const command = new TransactWriteItemsCommand({ TransactItems });
    return this.run("TransactWriteItems", call, async (client, options) => {
      try {
        await client.send(this.prepared(command), options);
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    });
  }

  /** The command, which now names us and goes to no endpoint that everybody could read. */
  prepared<Command extends object>(command: Command): Command {
    nameInUserAgent(command, "branchKeyStore");
    watchEndpoint(command, (request) => refusePlainHttp(request, { service: "key store", allowPlainHttp: this.#options.allowPlainHttp }));
    return command;
  }

  /** Runs one call and turns its failure into a code. */
  async run<Result>(
    action: string,
    call: KeyringCall,
    send: (client: DynamoDBClient, options: { abortSignal?: AbortSignal }) => Promise<Result>,
  ): Promise<Result> {
    const region = await this.region(call);
    try {
      return await send(await this.client(region), call.signal === undefined ? {} : { abortSignal: call.signal });
    } catch (error) {
      const where = { tableName: this.tableName, ...(region === undefined ? {} : { region }) };
      const { name } = error as { readonly name?: string };
      if (error instanceof DynasealError) throw error;
      if (call.signal?.aborted) throw new DynasealError("ERR_ABORTED", { details: {}, cause: error });
      if (name === "ResourceNotFoundException") throw new DynasealError("ERR_KEY_STORE_TABLE_NOT_FOUND", { details: where, cause: error });
      const code = name === "AccessDeniedException" ? "ERR_KEY_STORE_ACCESS_DENIED" : "ERR_KEY_STORE_UNAVAILABLE";
      throw new DynasealError(code, { details: { ...where, action }, cause: error });
    }
  }

  #replaceAction({ row, inPlaceOf }: RowReplacement): TransactWriteItem {
    const names: Record<string, string> = { "#id": "branch-key-id" };
    const values: Record<string, AttributeValue> = {};
    const conditions = [`attribute_${inPlaceOf === undefined ? "not_exists" : "exists"}(#id)`];
    if (inPlaceOf !== undefined) {
      // Ciphertext never comes twice; a tombstone is known by its state and time.
      for (const [index, name] of ["enc", "dynaseal-erasure", "dynaseal-erasure-time"].entries()) {
        names[`#n${index}`] = name;
        const value = Object.hasOwn(inPlaceOf, name) ? inPlaceOf[name] : undefined;
        if (value !== undefined) values[`:v${index}`] = value;
        conditions.push(value === undefined ? `attribute_not_exists(#n${index})` : `#n${index} = :v${index}`);
      }
    }
    const guard = {
      TableName: this.tableName,
      ConditionExpression: conditions.join(" AND "),
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    };
    if (row !== undefined) return { Put: { ...guard, Item: row } };
    const key = attributeMap(["branch-key-id", "type"].flatMap((name) => (inPlaceOf?.[name] ? [[name, inPlaceOf[name]] as const] : [])));
    return { Delete: { ...guard, Key: key } };
  }

  #putAction({ row, replaces }: RowPut): TransactWriteItem {
    const Put = { TableName: this.tableName, Item: row, ExpressionAttributeNames: { "#id": "branch-key-id" } };
    if (replaces === undefined) return { Put: { ...Put, ConditionExpression: "attribute_not_exists(#id)" } };
    return {
      Put: {
        ...Put,
        ConditionExpression: "attribute_exists(#id) AND enc = :encOld",
        ExpressionAttributeValues: { ":encOld": { B: replaces } },
      },
    };
  }
}

function isConditionFailure(error: unknown): boolean {
  const { name, CancellationReasons } = error as TransactionCanceledException;
  return name === "TransactionCanceledException" && CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed") === true;
}
