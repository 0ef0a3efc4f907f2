import { defineConfig } from "vitest/config";
import { buildPage } from "./scripts/page.ts";

export default defineConfig({
  plugins: [
    {
      // As `scripts/bundle.ts` has the server import a page.
      name: "pages",
      enforce: "pre",
      async load(id) {
        if (!/\/src\/.*\.html$/.test(id)) return undefined;
        const { html } = await buildPage(id);
        return `export default ${JSON.stringify(html)}`;
      },
      // Its text says nothing of the files that it is made of: kept, it would be an old one.
      configureVitest({ defineCacheKeyGenerator }) {
        defineCacheKeyGenerator(({ id }) => (/\.html$/.test(id) ? false : undefined));
      },
    },
  ],
  test: {
    include: ["test/**/*.test.ts"],
    // Tests that start a whole stack take 30 s on two busy processors; only what hangs takes longer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Vitest leaves a processor free; here most of the work is in processes that tests start.
    maxWorkers: "100%",
  },
});
