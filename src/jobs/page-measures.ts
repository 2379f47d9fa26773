import type { AttributeMap } from "../attributes/index.ts";
import { itemSize } from "../item/index.ts";
import type { OperationCall } from "../tables/index.ts";
import type { JobMeasure } from "./job-counts.ts";
import { type ItemOutcome, type Rewriting, rewriteItem } from "./rewrite-item.ts";

/** Near these, an item is always measured: the service's 400 KB, and the operators that one guard may have. */
const largeBytes = 300 * 1024;
const wideAttributes = 60;

/** What a rewrite costs in one Region, without indexes: one unit for each kilobyte, and one at least. */
export function writeUnits(row: AttributeMap): number {
  return unitsOf(itemSize(row));
}

function unitsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** The items of one page that would be written. */
export class PageMeasures {
  readonly #wanted: number;
  #begun = 0;
  #measured = 0;
  #growthBytes = 0;
  readonly #itemsByKmsRequests = new Map<number, number>();
  readonly #rows: number[] = [];

  /** @param wanted how many items to measure, beside large and wide ones */
  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /**
   * What would become of an item, without writing it.
   *
   * @throws what `rewriteItem` throws
   */
  async outcomeOf(
    row: AttributeMap,
    call: OperationCall,
    { rewriting, needsLook }: { readonly rewriting: Rewriting; readonly needsLook: boolean },
  ): Promise<ItemOutcome> {
    const bytes = itemSize(row);
    const isSpecial = bytes > largeBytes || Object.keys(row).length > wideAttributes;
    const measures = this.#wanted > 0 && (this.#begun++ < this.#wanted || isSpecial);
    if (!measures && !needsLook) {
      this.#rows.push(bytes);
      return "written";
    }
    let requests = 0;
    const limit: OperationCall["keyring"]["limit"] = (task) => {
      requests++;
      return call.keyring.limit?.(task) ?? task();
    };
    const measure = (after: AttributeMap): void => {
      this.#measured++;
      this.#growthBytes += itemSize(after) - bytes;
      this.#itemsByKmsRequests.set(requests, (this.#itemsByKmsRequests.get(requests) ?? 0) + 1);
    };
    const dryRun = { measure: measures ? measure : undefined };
    const outcome = await rewriteItem({ ...rewriting, dryRun }, row, { ...call, keyring: { ...call.keyring, limit } });
    if (outcome === "written") this.#rows.push(bytes);
    return outcome;
  }

  result(): Omit<JobMeasure, "readUnits"> {
    const growth = this.#measured === 0 ? 0 : this.#growthBytes / this.#measured;
    return {
      measured: this.#measured,
      growthBytes: this.#growthBytes,
      itemsByKmsRequests: Object.fromEntries(this.#itemsByKmsRequests),
      writeUnits: this.#rows.reduce((sum, bytes) => sum + unitsOf(bytes + growth), 0),
    };
  }
}
