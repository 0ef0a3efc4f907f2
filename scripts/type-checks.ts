import { globSync } from "node:fs";

const compiler = "node_modules/typescript/bin/tsc";

/**
 * The type checks of the project, each the script and its arguments: everything that runs in Node, and
 * the views of domains, which run in browsers.
 *
 * @param root the project's folder
 */
export function typeChecks(root: string): [string, ...string[]][] {
  const views = globSync("src/*/view/tsconfig.json", { cwd: root });
  return [[compiler], ...views.map((view): [string, ...string[]] => [compiler, "-p", view])];
}
