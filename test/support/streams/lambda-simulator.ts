import type { EventShape, Written } from "./event-shapes.ts";

/** An event source mapping of one shard, as far as it matters for losing and reordering. */
export interface Mapping {
  readonly shape: EventShape;
  readonly batchSize: number;
  /** As `FunctionResponseTypes` of the mapping. */
  readonly functionResponseTypes: readonly "ReportBatchItemFailures"[];
}

type Handler = (event: unknown, context: undefined) => Promise<unknown>;

/**
 * Delivers the records of a shard as Lambda does: the next batch only when this one is done; a throw delivers the whole batch
 * again. An answer with `batchItemFailures` delivers again from the first that it names, if the mapping has the response
 * type; **without it the answer is ignored, and the batch counts as done.**
 *
 * @returns how many times the function was invoked
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export async function runMapping(
  records: readonly Written[],
  handler: Handler,
  { shape, batchSize, functionResponseTypes }: Mapping,
): Promise<number> {
  let invocations = 0;
  for (let next = 0; next < records.length; ) {
    const batch = records.slice(next, next + batchSize);
    invocations++;
    if (invocations > 100 * records.length) throw new Error("the batch fails for ever");
    try {
      const answer = await handler(shape.event(batch), undefined);
      next += functionResponseTypes.includes("ReportBatchItemFailures") ? done(batch, answer, shape) : batch.length;
    } catch {
      // The whole batch again.
    }
  }
  return invocations;
}

/** How many records of a batch are done, by its answer. */
function done(batch: readonly Written[], answer: unknown, shape: EventShape): number {
  const failures = (answer as { batchItemFailures?: readonly { itemIdentifier?: string }[] } | undefined | null)?.batchItemFailures ?? [];
  const failed = failures.map(({ itemIdentifier }) => batch.findIndex((record) => shape.identifier(record) === itemIdentifier));
  // An identifier that is not in the batch is a failure of all of it.
  return failed.length === 0 ? batch.length : Math.max(0, Math.min(...failed));
}
