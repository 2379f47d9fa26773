import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Only Linux shows the memory of a process as a file. */
const linuxOnly = process.platform === "linux" ? [] : ["test/materials/process-memory.test.ts"];

/** What Node alone can run: `npm test`. DynamoDB Local, the Java library and moto have configurations of their own. */
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/servers/**",
            "test/interop/**",
            "test/workflows/**",
            "test/consumers/**",
            "test/sdk-versions/**",
            "test/agents/**",
            "node_modules/**",
            ...linuxOnly,
          ],
          testTimeout: 30_000,
          hookTimeout: 180_000,
        },
      },
      {
        // The built package, in projects of its own. After the others: they build, install and run much at once.
        test: {
          name: "package",
          include: ["test/consumers/*.test.ts", "test/sdk-versions/*.test.ts", "test/agents/*.test.ts"],
          globalSetup: ["test/support/build-package.ts"],
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});

export default config;
