import type { Operation } from "./operation.ts";
import type { Result } from "./sides.ts";

type Kind = Operation["kind"];

export interface KindCounts {
  readonly ran: number;
  readonly succeeded: number;
  /** A condition did not hold. */
  readonly conditionFailed: number;
  /** Anything else, mostly ValidationException. */
  readonly refused: number;
}

const none: KindCounts = { ran: 0, succeeded: 0, conditionFailed: 0, refused: 0 };

/** How many operations of each kind ran, and what the plain table said to them. */
export class Statistics {
  readonly #kinds: Map<Kind, KindCounts> = new Map();
  readonly #conditions: { held: number; failed: number } = { held: 0, failed: 0 };
  #items = 0;

  note(operation: Operation, results: readonly Result[]): void {
    const counts = this.#kinds.get(operation.kind) ?? none;
    const outcome = outcomeOf(results);
    this.#kinds.set(operation.kind, { ...counts, ran: counts.ran + 1, [outcome]: counts[outcome] + 1 });
    if ("condition" in operation && operation.condition !== undefined) {
      if (outcome === "succeeded") this.#conditions.held++;
      if (outcome === "conditionFailed") this.#conditions.failed++;
    }
    for (const result of results) this.#items += "answer" in result ? (result.answer.Items?.length ?? 0) : 0;
  }

  get operations(): number {
    return this.#sum(() => true).ran;
  }

  /** Of all PutItem, UpdateItem, DeleteItem, BatchWriteItem and TransactWriteItems. */
  get writes(): KindCounts {
    return this.#sum((kind) => /^(Put|Update|Delete)Item$|Write/.test(kind));
  }

  get reads(): KindCounts {
    return this.#sum((kind) => !/^(Put|Update|Delete)Item$|Write/.test(kind));
  }

  /** Of the conditions of single writes that were decided. */
  get conditionsHeld(): number {
    const { held, failed } = this.#conditions;
    return held / (held + failed);
  }

  /** How many items Query and Scan found. */
  get items(): number {
    return this.#items;
  }

  toString(): string {
    const columns = (name: string, counts: KindCounts): string =>
      [name.padEnd(20), ...[counts.ran, counts.succeeded, counts.conditionFailed, counts.refused].map((n) => String(n).padStart(10))].join(
        "",
      );
    const head = ["operation".padEnd(20), ...["ran", "succeeded", "condition", "refused"].map((name) => name.padStart(10))].join("");
    const rows = [...this.#kinds].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kind, counts]) => columns(kind, counts));
    const held = `conditions held: ${Math.round(100 * this.conditionsHeld)} %; items found by Query and Scan: ${this.#items}`;
    return [head, ...rows, columns("all writes", this.writes), held, ""].join("\n");
  }

  #sum(chosen: (kind: Kind) => boolean): KindCounts {
    return [...this.#kinds]
      .filter(([kind]) => chosen(kind))
      .reduce(
        (sum, [, counts]) => ({
          ran: sum.ran + counts.ran,
          succeeded: sum.succeeded + counts.succeeded,
          conditionFailed: sum.conditionFailed + counts.conditionFailed,
          refused: sum.refused + counts.refused,
        }),
        none,
      );
  }
}

function outcomeOf(results: readonly Result[]): "succeeded" | "conditionFailed" | "refused" {
  const failed = results.flatMap((result) => ("error" in result ? [result.error] : []))[0];
  if (failed === undefined) return "succeeded";
  if (failed.name === "ConditionalCheckFailedException") return "conditionFailed";
  const { CancellationReasons: reasons = [] } = failed as { CancellationReasons?: readonly { readonly Code?: string }[] };
  return reasons.some(({ Code }) => Code === "ConditionalCheckFailed") ? "conditionFailed" : "refused";
}
