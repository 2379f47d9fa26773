import { DescribeTableCommand, type DynamoDBClient, type Projection } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { footerName, headerName } from "../structure/index.ts";

/** The table whose indexes are asked for. */
interface IndexedTable {
  readonly physicalName: string;
  readonly plan: TablePlan;
}

/**
 * Which indexes of a table hold whole items; the others cannot be verified. Asked of DescribeTable once for each index.
 * A caller who may not call it learns it from the first row.
 */
export class IndexProjections {
  readonly #whole: Map<string, boolean> = new Map();

  /** @throws ERR_INDEX_NOT_WHOLE */
  async requireWhole(indexName: string, table: IndexedTable, send: DynamoDBClient["send"]): Promise<void> {
    if (!this.#whole.has(indexName)) await this.#describe(table, send);
    if (this.#whole.get(indexName) === false) throw indexNotWhole(indexName, table);
  }

  /**
   * For indexes that could not be looked up. Even where the schema reads plaintext items, a row without header and
   * footer is refused then: it may as well be a part of an item.
   *
   * @throws ERR_INDEX_NOT_WHOLE
   */
  requireWholeRows(indexName: string, table: IndexedTable, rows: readonly AttributeMap[]): void {
    if (this.#whole.get(indexName) === true) return;
    for (const row of rows) {
      if (!Object.hasOwn(row, headerName) || !Object.hasOwn(row, footerName)) throw indexNotWhole(indexName, table);
    }
  }

  async #describe(table: IndexedTable, send: DynamoDBClient["send"]): Promise<void> {
    try {
      const { Table } = await send(new DescribeTableCommand({ TableName: table.physicalName }));
      for (const { IndexName, Projection } of [...(Table?.GlobalSecondaryIndexes ?? []), ...(Table?.LocalSecondaryIndexes ?? [])]) {
        if (IndexName !== undefined) this.#whole.set(IndexName, projectsWholeItems(table.plan, Projection));
      }
    } catch (error) {
      if (!(error instanceof Error && error.name === "AccessDeniedException")) throw error;
    }
  }
}

function projectsWholeItems(plan: TablePlan, projection: Projection | undefined): boolean {
  if (projection?.ProjectionType === "ALL") return true;
  if (projection?.ProjectionType !== "INCLUDE" || plan.otherAttributes !== undefined) return false;
  const projected = new Set([plan.partitionKey, plan.sortKey, ...(projection.NonKeyAttributes ?? [])]);
  return [headerName, footerName, ...plan.actions.keys()].every((name) => projected.has(name) || plan.actions.get(name) === "DO_NOTHING");
}

function indexNotWhole(indexName: string, table: IndexedTable): DynasealError {
  return new DynasealError("ERR_INDEX_NOT_WHOLE", { details: { tableName: table.plan.tableName, indexName } });
}
