import { defineConfig } from "vitest/config";

const source = { conditions: ["@tenon/source", "node", "import", "default"] };
const shared = { resolve: source, ssr: { resolve: source } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["packages/*/src/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "contract",
          sequence: { groupOrder: 2 },
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They wait more than they work.
          maxWorkers: 3,
        },
      },
      {
        ...shared,
        test: {
          name: "scenario",
          sequence: { groupOrder: 1 },
          include: ["test/{compat,scenarios}/**/*.test.ts"],
          testTimeout: 120_000,
          maxConcurrency: 4,
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          sequence: { groupOrder: 3 },
          include: ["test/e2e/**/*.test.ts", "test/defects/**/*.test.ts"],
          globalSetup: ["test/e2e/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: true,
          maxWorkers: 3,
        },
      },
    ],
  },
});
