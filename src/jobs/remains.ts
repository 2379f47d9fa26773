import type { TableJobName } from "./job-counts.ts";
import type { PreFlightReport } from "./pre-flight.ts";

/** A place that still holds the table as it was before the job. */
export interface Remains {
  readonly where: "point-in-time recovery" | "backups" | "exports" | "stream records" | "copies";
  readonly region?: string;
  /** When that ends by itself, as ISO 8601; absent if it does not. */
  readonly until?: string;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * Where the table as it was before the job stands on: of `encrypt`, in plain; of `re-encrypt`, under what the old keys
 * are still needed for. `backups`, `exports` and `copies` (search services, caches, other tables) are nowhere listed, so
 * that they are named whether there are any or not.
 *
 * @param now milliseconds since 1970, at the end of the job
 */
export function remainsAfter(job: TableJobName, { recoverableDays, regions, streams }: PreFlightReport, now: number): readonly Remains[] {
  if (job !== "encrypt" && job !== "re-encrypt") return [];
  const after = (days: number): string => new Date(now + days * dayMilliseconds).toISOString();
  return [
    ...regions.flatMap((region): readonly Remains[] => {
      const days = recoverableDays[region];
      return days === undefined ? [] : [{ where: "point-in-time recovery", region, until: after(days) }];
    }),
    { where: "backups" },
    { where: "exports" },
    ...(streams ? [{ where: "stream records", until: after(1) } as const] : []),
    { where: "copies" },
  ];
}
