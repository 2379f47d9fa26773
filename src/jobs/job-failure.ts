import type { AttributeMap } from "../attributes/index.ts";
import type { JobFailure } from "./job-counts.ts";

/** A failure whose key no log or printed value holds. */
export function failureOf(code: string, key: AttributeMap): JobFailure {
  return Object.defineProperty({ code } as JobFailure, "revealKey", { value: () => ({ ...key }), enumerable: false });
}
