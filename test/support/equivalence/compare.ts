import { isDeepStrictEqual } from "node:util";
import { acceptable } from "./deviations.ts";
import type { Operation } from "./operation.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { TableModel } from "./random-tables.ts";
import type { OperationRequests } from "./requests.ts";
import type { Result } from "./sides.ts";

/** One request to which the two tables gave different answers. */
export interface Difference {
  readonly reference: Outcome | undefined;
  readonly subject: Outcome | undefined;
}

export interface Compared {
  readonly model: TableModel;
  readonly operation: Operation;
  readonly requests: OperationRequests;
  readonly reference: readonly Result[];
  readonly subject: readonly Result[];
  readonly encrypted: boolean;
}

/** The first request on which the two differ. */
export function differenceOf(compared: Compared): Difference | undefined {
  const { reference, subject } = compared;
  for (let index = 0; index < Math.max(reference.length, subject.length); index++) {
    const [plain, other] = [reference[index], subject[index]];
    const found = other && outcomeOf(other);
    const wanted = plain === undefined ? [undefined] : compared.encrypted ? acceptable(plain, compared) : [outcomeOf(plain)];
    if (!wanted.some((one) => agree(one, found))) return { reference: wanted[0], subject: found };
  }
  return undefined;
}

function agree(reference: Outcome | undefined, subject: Outcome | undefined): boolean {
  return isDeepStrictEqual(comparable(reference), comparable(subject));
}

/** Errors are compared by what an application tells them by, not by their wording. */
function comparable(outcome: Outcome | undefined): unknown {
  return outcome?.kind === "error" ? { ...outcome, message: undefined } : outcome;
}
