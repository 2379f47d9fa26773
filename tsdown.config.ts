import { defineConfig, type UserConfig } from "tsdown";
import { bundleDynalite } from "./tools/bundle-dynalite.ts";
import { bundledPackages } from "./tools/bundled-packages.ts";

// One instance for both configurations, so that notices and bill of materials name what either of them bundled.
const packages = bundledPackages();

const library = {
  index: "src/index.ts",
  "jobs/index": "src/jobs/index.ts",
  "node/index": "src/node/index.ts",
  "parameter-store/index": "src/parameter-store/index.ts",
  "streams/index": "src/streams/index.ts",
  "testing/index": "src/testing/index.ts",
};

const common: UserConfig = {
  platform: "node",
  target: "node20.19",
  dts: true,
  clean: false,
  plugins: [bundleDynalite(), packages],
  // Every bundled package is named in THIRD_PARTY_NOTICES, under a licence that was accepted; no AWS package may be one.
  deps: { neverBundle: [/^@aws-sdk\//, /^@smithy\//], onlyBundle: false },
};

/**
 * ESM with the command line, which shares its chunks, and CJS. What browsers get instead is CJS in both: a bundler that
 * met an ESM module without the names that the application imports would complain of those, and never show the reason.
 */
const config: UserConfig[] = defineConfig([
  { ...common, format: "esm", entry: { ...library, "cli/main": "src/cli/main.ts" } },
  {
    ...common,
    format: "cjs",
    entry: { ...library, "unsupported-runtime": "src/unsupported-runtime.ts" },
    // As require: Jest's sandbox of CommonJS refuses import() unless Node gets a flag.
    outputOptions: { dynamicImportInCjs: false },
  },
]);

export default config;
