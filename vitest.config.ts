import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Vitest leaves a processor free; here most of the work is in processes that tests start.
    maxWorkers: "100%",
  },
});
