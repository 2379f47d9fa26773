import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The packed package in empty projects; needs `npm run build`. */
const config: ViteUserConfig = defineConfig({
  test: { include: ["test/consumers/*.test.ts"], testTimeout: 120_000, fileParallelism: false },
});

export default config;
