import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/servers/**/*.test.ts"],
    globalSetup: ["test/servers/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

export default config;
