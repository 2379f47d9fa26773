import { DynasealError } from "./errors/index.ts";

/**
 * What bundlers for browsers and edge runtimes get in the place of the package (`exports`, conditions `browser`,
 * `edge-light`, `worker`, `workerd`): importing it says why it cannot run, instead of a missing module of Node.
 */
throw new DynasealError("ERR_RUNTIME_UNSUPPORTED", {
  details: { reason: "this is a build for a browser or an edge runtime, not for Node.js" },
});
