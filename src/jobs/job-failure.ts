import type { AttributeMap } from "../attributes/index.ts";
import type { JobFailure } from "./job-counts.ts";

/**
 * A failure whose key no log and no printed value holds; for implementations of `JobCheckpoints`, which store code and key.
 *
 * @experimental
 */
export function jobFailure(code: string, key: AttributeMap): JobFailure {
  return Object.defineProperty({ code } as JobFailure, "revealKey", { value: () => ({ ...key }), enumerable: false });
}
