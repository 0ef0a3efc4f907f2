import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Tests that start a whole stack take 30 s on two busy processors; only what hangs takes longer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest leaves a processor free; here most of the work is in processes that tests start.
    maxWorkers: "100%",
  },
});
