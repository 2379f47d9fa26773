import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The built package under other versions of the AWS SDK than the one that is installed; needs `npm run build`. */
const config: ViteUserConfig = defineConfig({
  test: { include: ["test/sdk-versions/**/*.test.ts"], testTimeout: 240_000, fileParallelism: false },
});

export default config;
