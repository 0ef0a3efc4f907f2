import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { buildPage } from "./scripts/page.ts";

// Tests start some hundred processes, many of a thousand modules each: what one has compiled, the next
// need not. The processes that run the tests have it from this one, and hand it on.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules", ".cache", "compiled");

/** Files that load the platform's library, the build or a browser, or whose memory is looked at. */
const alone = [
  "test/{bench,commands,conformance,functions,integration,security}/**/*.test.ts",
  "test/expenses/view/**/*.test.ts",
  "test/gateway/{authorize,connections}/browser.test.ts",
  // Loads the source many times over.
  "test/gateway/attacks/mutants.test.ts",
  "test/infra/{gateway,templates}.test.ts",
  // MSAL goes on asking the managed identity's endpoint that it has found first in its process.
  "test/azure-credential.test.ts",
  "test/local/{authority/msal*,managed-identity/*}.test.ts",
];

/**
 * Files that take long, some of them short ones. Where nothing is known of an earlier run, Vitest begins
 * with large files, and one of these, begun last, would keep all processors but one waiting.
 */
const long =
  /test\/(?:infra\/templates|bench\/program|integration\/(?:domains|gateway-clients|product|watch)|probe\/(?:authsuite\/defects|shared\/lies))\.test\.ts$/;

class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Each project by itself: Vitest runs one behind the other.
    const projects = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    return [...projects.values()].flatMap((those) => [
      ...those.filter(({ moduleId }) => long.test(moduleId)),
      ...those.filter(({ moduleId }) => !long.test(moduleId)),
    ]);
  }
}

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
    projects: [
      { extends: true, test: { name: "alone", include: alone } },
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...alone],
          // To load the source takes longer than most of these files: once in each process will do.
          isolate: false,
        },
      },
    ],
    // Tests that start a whole stack take 30 s on two busy processors; only what hangs takes longer.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongFilesFirst },
    // Vitest leaves a processor free; here most of the work is in processes that tests start.
    maxWorkers: "100%",
  },
});
