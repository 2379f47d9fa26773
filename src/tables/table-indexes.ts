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

/** What is known of an index by its name. */
export interface IndexLookup {
  /** `absent`: the table has no such index; `unknown`: the caller may not call DescribeTable. */
  readonly kind: "described" | "absent" | "unknown";
  readonly description: IndexDescription | undefined;
  /** Whether DescribeTable was asked just now, so that asking again would tell nothing new. */
  readonly isNew: boolean;
}

/** Who is asked, and when. */
interface Asking {
  readonly send: DynamoDBClient["send"];
  readonly state: { readonly clock: Clock };
}

/** After a denial DescribeTable is not asked again for so long. */
const denialMilliseconds = 60_000;

/** What is known of the indexes and key types of one table. DescribeTable is asked once for each index, and where rows contradict it. */
export class TableIndexes {
  #known: ReadonlyMap<string, IndexDescription> = new Map();
  #types: ReadonlyMap<string, string> = new Map();
  #deniedUntil: number = Number.NEGATIVE_INFINITY;
  #askedAt: number = Number.NEGATIVE_INFINITY;

  /** What is known of an index; asks DescribeTable where nothing is. */
  async find(
    indexName: string,
    table: { readonly physicalName: string; readonly plan: TablePlan },
    { send, state }: Asking,
  ): Promise<IndexLookup> {
    const description = this.#known.get(indexName);
    if (description !== undefined) return { kind: "described", description, isNew: false };
    if (state.clock.now() < this.#deniedUntil) return { kind: "unknown", description: undefined, isNew: false };
    return this.ask(indexName, table, { send, state });
  }

  /** As {@link find}, but DescribeTable is asked whatever is known: an index may have been deleted and created again. */
  async ask(
    indexName: string,
    { physicalName, plan }: { readonly physicalName: string; readonly plan: TablePlan },
    { send, state }: Asking,
  ): Promise<IndexLookup> {
    this.#askedAt = state.clock.now();
    const told = await this.#describe(physicalName, plan, send);
    if (!told) this.#deniedUntil = state.clock.now() + denialMilliseconds;
    const description = told ? this.#known.get(indexName) : undefined;
    return { kind: !told ? "unknown" : description === undefined ? "absent" : "described", description, isNew: true };
  }

  /** How long ago DescribeTable was asked, in milliseconds. */
  age({ state }: Pick<Asking, "state">): number {
    return state.clock.now() - this.#askedAt;
  }

  /** The type of a key attribute of the table or an index; `undefined` where nobody has asked yet, or it is none. */
  typeOf(attribute: string): string | undefined {
    return this.#types.get(attribute);
  }

  /** False where the caller may not. */
  async #describe(TableName: string, plan: TablePlan, send: DynamoDBClient["send"]): Promise<boolean> {
    try {
      const { Table = {} } = await send(new DescribeTableCommand({ TableName }));
      const { AttributeDefinitions = [], GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = Table;
      this.#known = new Map([
        ...GlobalSecondaryIndexes.flatMap((index) => describedIndex(plan, "global", index)),
        ...LocalSecondaryIndexes.flatMap((index) => describedIndex(plan, "local", index)),
      ]);
      this.#types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName ?? "", AttributeType ?? ""]));
      return true;
    } catch (error) {
      if (!(error instanceof Error && error.name === "AccessDeniedException")) throw error;
      return false;
    }
  }
}

function describedIndex(
  plan: TablePlan,
  scope: IndexDescription["scope"],
  index: { IndexName?: string | undefined; KeySchema?: KeySchemaElement[] | undefined; Projection?: Projection | undefined },
): readonly (readonly [string, IndexDescription])[] {
  const { IndexName, KeySchema = [], Projection } = index;
  if (IndexName === undefined) return [];
  const keysOf = (type: KeySchemaElement["KeyType"]): readonly string[] =>
    KeySchema.flatMap(({ AttributeName, KeyType }) => (AttributeName !== undefined && KeyType === type ? [AttributeName] : []));
  const keys = { partition: keysOf("HASH"), sort: keysOf("RANGE") };
  const all = [...keyAttributes(plan), ...keys.partition, ...keys.sort, ...(Projection?.NonKeyAttributes ?? [])];
  const attributes = Projection?.ProjectionType === "ALL" ? undefined : new Set(all);
  return [[IndexName, { scope, keys, attributes, whole: attributes === undefined || holdsWholeItems(plan, attributes) }]];
}

/**
 * Whether an index with these attributes holds all that verifying an item takes. Unsigned attributes may be missing; with
 * `otherAttributes` nobody knows which others an item has.
 */
export function holdsWholeItems({ otherAttributes, actions }: TablePlan, attributes: ReadonlySet<string>): boolean {
  if (otherAttributes !== undefined) return false;
  return [headerName, footerName, ...actions.keys()].every((name) => attributes.has(name) || actions.get(name) === "DO_NOTHING");
}
