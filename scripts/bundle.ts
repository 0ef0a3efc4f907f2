import { join } from "node:path";
import { type BuildOptions, type BuildResult, build } from "esbuild";
import { leaveOut } from "./left-out.ts";

const root = join(import.meta.dirname, "..");

/** How everything is bundled that is deployed, or measured as if it were. */
export const bundling = {
  absWorkingDir: root,
  outfile: "dist/main.mjs",
  bundle: true,
  write: false,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node22",
  // The Functions worker answers this `require`; it is in no registry.
  external: ["@azure/functions-core"],
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  // Half the bytes to parse at a cold start; names stay, for stack traces that can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** How the server is bundled. */
export const serverBundle = {
  ...bundling,
  entryPoints: ["functions/main.ts"],
  plugins: [leaveOut],
} satisfies BuildOptions;

/** Bundles the server in memory, and tells what went into it. */
export function bundleServer(): Promise<BuildResult<typeof serverBundle>> {
  return build(serverBundle);
}
