import type { Rolldown } from "tsdown";

const stubId = "\0level-without-a-disk";

/** dynalite asks for `level` at import, but makes one only where it is given a path. */
const stub = `
exports.Level = class {
  constructor() {
    throw new Error("This copy of dynalite keeps its tables in memory only.");
  }
};
`;

/**
 * Lets tsdown put dynalite, which the local Global Table runs on, into `dist/`, so that it is no dependency of the
 * package: give it to `plugins` of every configuration whose entries reach src/testing.
 *
 * - `level` brings classic-level, a native addon that no bundle can hold: it becomes a class that throws.
 * - dynalite's own entry point requires its operations by computed names, which no bundler can follow. The local Global
 *   Table imports them one by one (src/testing/local-global-table/dynalite-operations.ts) and needs no entry point; a
 *   build that pulls it in all the same fails here rather than at a user's.
 */
export function bundleDynalite(): Rolldown.Plugin {
  return {
    name: "bundle-dynalite",
    resolveId: {
      filter: { id: /^level$/ },
      handler: () => ({ id: stubId, moduleSideEffects: false }),
    },
    load: {
      filter: { id: /level-without-a-disk$/ },
      handler: (id) => (id === stubId ? { code: stub, moduleType: "js" } : undefined),
    },
    transform: {
      filter: { id: /[\\/]dynalite[\\/]index\.js$/ },
      handler() {
        this.error("dynalite's entry point cannot be bundled: import the modules that are needed, as dynalite-operations.ts does.");
      },
    },
  };
}
