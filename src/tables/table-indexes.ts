import { DescribeTableCommand, type DynamoDBClient, type KeySchemaElement, type Projection } from "@aws-sdk/client-dynamodb";
import type { KeySchema } from "../expressions/index.ts";
import { keyAttributes } from "../item/index.ts";
import type { Clock } from "../materials/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { footerName, headerName } from "../structure/index.ts";

/** An index as DescribeTable tells of it. */
export interface IndexDescription {
  readonly scope: "global" | "local";
  readonly keys: KeySchema;
  /** Whether its rows hold all that verifying an item takes. */
  readonly whole: boolean;
  /** The attributes that it holds; `undefined`: all. */
  readonly attributes: ReadonlySet<string> | undefined;
}

/** Who may not call DescribeTable does not ask again for so long. */
const denialMilliseconds = 60_000;

/** What is known of the indexes of one table. Asked of DescribeTable once for each index. */
export class TableIndexes {
  readonly #known: Map<string, IndexDescription> = new Map();
  #deniedUntil: number = Number.NEGATIVE_INFINITY;

  /** `undefined` where the caller may not call DescribeTable, or there is no such index. */
  async find(
    indexName: string,
    table: { readonly physicalName: string; readonly plan: TablePlan },
    { send, state }: { readonly send: DynamoDBClient["send"]; readonly state: { readonly clock: Clock } },
  ): Promise<IndexDescription | undefined> {
    const now = state.clock.now();
    if (!this.#known.has(indexName) && now >= this.#deniedUntil) {
      const told = await this.#describe(table.physicalName, table.plan, send);
      if (!told) this.#deniedUntil = now + denialMilliseconds;
    }
    return this.#known.get(indexName);
  }

  /** False where the caller may not. */
  async #describe(TableName: string, plan: TablePlan, send: DynamoDBClient["send"]): Promise<boolean> {
    try {
      const { Table = {} } = await send(new DescribeTableCommand({ TableName }));
      for (const index of Table.GlobalSecondaryIndexes ?? []) this.#note(plan, "global", index);
      for (const index of Table.LocalSecondaryIndexes ?? []) this.#note(plan, "local", index);
      return true;
    } catch (error) {
      if (!(error instanceof Error && error.name === "AccessDeniedException")) throw error;
      return false;
    }
  }

  #note(
    plan: TablePlan,
    scope: IndexDescription["scope"],
    index: { IndexName?: string | undefined; KeySchema?: KeySchemaElement[] | undefined; Projection?: Projection | undefined },
  ): void {
    const { IndexName, KeySchema = [], Projection } = index;
    if (IndexName === undefined) return;
    const keysOf = (type: KeySchemaElement["KeyType"]): readonly string[] =>
      KeySchema.flatMap(({ AttributeName, KeyType }) => (AttributeName !== undefined && KeyType === type ? [AttributeName] : []));
    const keys = { partition: keysOf("HASH"), sort: keysOf("RANGE") };
    const all = [...keyAttributes(plan), ...keys.partition, ...keys.sort, ...(Projection?.NonKeyAttributes ?? [])];
    const attributes = Projection?.ProjectionType === "ALL" ? undefined : new Set(all);
    this.#known.set(IndexName, { scope, keys, attributes, whole: attributes === undefined || isWhole(plan, attributes) });
  }
}

/** Unsigned attributes may be missing; with `otherAttributes` nobody knows which others an item has. */
function isWhole({ otherAttributes, actions }: TablePlan, attributes: ReadonlySet<string>): boolean {
  if (otherAttributes !== undefined) return false;
  return [headerName, footerName, ...actions.keys()].every((name) => attributes.has(name) || actions.get(name) === "DO_NOTHING");
}
