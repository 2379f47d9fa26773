import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/servers/**", "test/interop/**", "test/consumers/**", "test/sdk-versions/**", "node_modules/**"],
    testTimeout: 30_000,
    hookTimeout: 180_000,
  },
});

export default config;
