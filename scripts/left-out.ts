import type { Plugin } from "esbuild";

interface Replacement {
  /** Of a module, with either kind of slash. */
  readonly path: RegExp;
  readonly contents: string;
}

/** Messages in 60 languages. zod speaks English unless one of the others is chosen. */
const zodLanguages: Replacement = {
  path: /[\\/]node_modules[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/,
  contents: 'export { default as en } from "./en.js";',
};

/**
 * What libraries bring along for others: their index modules load all of it, and so it would be
 * parsed at every cold start. A fifth of the bundle.
 */
export const leaveOut = leavingOut([
  zodLanguages,
  {
    // Limiters over some twenty databases. Ours counts in memory.
    path: /[\\/]node_modules[\\/]rate-limiter-flexible[\\/]index\.js$/,
    contents: `
      module.exports.RateLimiterMemory = require("./lib/RateLimiterMemory");
      module.exports.RateLimiterRes = require("./lib/RateLimiterRes");
    `,
  },
]);

/** And of what has of these zod alone: more than half of a page, and of the bridge. */
export const leaveOutLanguages = leavingOut([zodLanguages]);

/**
 * Replaces what there is no use for.
 *
 * The build fails where one of the modules is not met: a library that has moved it would otherwise
 * bring everything back, and nobody would notice.
 */
function leavingOut(replacements: readonly Replacement[]): Plugin {
  return {
    name: "leave-out",
    setup({ onStart, onLoad, onEnd }) {
      const unmet = new Set<Replacement>();
      onStart(() => {
        for (const replacement of replacements) unmet.add(replacement);
      });
      for (const replacement of replacements) {
        onLoad({ filter: replacement.path }, () => {
          unmet.delete(replacement);
          return { contents: replacement.contents, loader: "js" };
        });
      }
      onEnd(() => ({
        errors: [...unmet].map(({ path }) => ({
          text: `scripts/left-out.ts replaces a module that the bundle does not meet any more: ${path}`,
        })),
      }));
    },
  };
}
