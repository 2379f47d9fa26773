import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/workflows/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});

export default config;
