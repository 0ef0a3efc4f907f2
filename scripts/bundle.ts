import { join, resolve } from "node:path";
import { type BuildOptions, type BuildResult, build, type Plugin } from "esbuild";
import { leaveOut } from "./left-out.ts";
import { pages } from "./page.ts";

/** How everything is bundled that is deployed, or measured as if it were. */
export const bundling = {
  absWorkingDir: join(import.meta.dirname, ".."),
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

/**
 * How the server is bundled: what it imports only when it needs it becomes a part of its own.
 *
 * @param domainFolder the domain to serve in place of the one that `src/domain.ts` names
 */
export function serverBundle(domainFolder?: string) {
  return {
    ...bundling,
    entryPoints: { main: "functions/main.ts" },
    outdir: "dist",
    splitting: true,
    outExtension: { ".js": ".mjs" },
    chunkNames: "parts/[name]-[hash]",
    plugins: [leaveOut, pages, ...(domainFolder === undefined ? [] : [domainAt(domainFolder)])],
  } as const satisfies BuildOptions;
}

/** Bundles the server in memory, and tells what went into it. */
export function bundleServer(
  domainFolder?: string,
): Promise<BuildResult<ReturnType<typeof serverBundle>>> {
  return build(serverBundle(domainFolder));
}

/** Puts the domain of a folder in the place of the one that the server names. */
function domainAt(folder: string): Plugin {
  const path = resolve(folder, "domain.ts");
  return {
    name: "domain",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.\/src\/domain\.ts$/ }, () => ({ path }));
    },
  };
}
