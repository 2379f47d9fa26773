import manifest from "./package.json" with { type: "json" };

/** One module for each entry point of the package: "." is src/index.ts, "./streams" is src/streams/index.ts. */
const entryPoints = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === "object" && "import" in target && "types" in target.import)
  .map(([path]) => `src${path.slice(1)}/index.ts`);

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "dynaseal",
  entryPoints,
  tsconfig: "tsconfig.src.json",
  out: "api",
  includeVersion: true,
  readme: "README.md",
  projectDocuments: ["docs/*.md"],
  disableSources: true,
  // Types that compute other types, and details of one error: users see their result.
  intentionallyNotExported: [
    ...["AttributeOf", "CheckedAttributes", "EntitiesOf", "EntityValues", "Flat", "InputOf", "KeyNameOf", "KeyValues", "NameOf"],
    ...["NoOthers", "OwnValues", "Searched", "KmsCallDetails", "Row", "SchemaProblem"],
  ],
  treatWarningsAsErrors: true,
};
