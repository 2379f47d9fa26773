import type { AttributeMap } from "../../attributes/index.ts";
import { isDynasealError } from "../../errors/index.ts";
import { exitCodes } from "../exit-codes.ts";
import { reportFailure } from "../report-failure.ts";

/** What became of one of several items. */
export type Outcome<Result> = Result | { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };

/**
 * Does the same with every item: where there are several, one that fails does not keep the others from being shown, and
 * the exit code says that a part failed.
 *
 * @throws what `action` throws, if there is a single item, or for anything but an error of ours
 */
export async function eachItem<Result>(
  items: readonly AttributeMap[],
  action: (item: AttributeMap) => Result | Promise<Result>,
): Promise<readonly Outcome<Result>[]> {
  const outcomes: Outcome<Result>[] = [];
  let failed = 0;
  let lastCode: number = exitCodes.failed;
  for (const item of items) {
    try {
      outcomes.push(await action(item));
    } catch (error) {
      if (items.length === 1 || !isDynasealError(error)) throw error;
      failed += 1;
      lastCode = reportFailure(error);
      outcomes.push({ error: { code: error.code, message: error.message, hint: error.hint } });
    }
  }
  if (failed > 0) process.exitCode = failed === items.length ? lastCode : exitCodes.partial;
  return outcomes;
}
