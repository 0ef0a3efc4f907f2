/**
 * `npm test`: type check, lint, build, every test, and the gate over the requirements list. Ends
 * with a line `N passed, N failed`. With arguments (`npm test -- test/identity`) it runs only the
 * matching test files, and the gate, which needs all of them, stays out.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestCase } from "vitest/node";
import { startVitest } from "vitest/node";
import { requirements } from "../test/requirements.ts";

const root = join(import.meta.dirname, "..");
const filters = process.argv.slice(2);
const tally = { passed: 0, failed: 0, skipped: 0 };

function count(name: string, problems: readonly string[]): void {
  if (problems.length === 0) {
    tally.passed += 1;
    console.log(`ok: ${name}`);
    return;
  }
  tally.failed += 1;
  console.error(`FAILED: ${name}`);
  for (const problem of problems) console.error(`  - ${problem}`);
}

/** Runs a package's own script with this Node, so that nothing depends on a shell. */
async function run(name: string, script: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  count(name, code === 0 ? [] : [`ended with exit code ${code}`]);
}

/** The ids that a test's title cites, in brackets at its end. */
function citedBy(test: TestCase): string[] {
  return /\[([^[\]]+)\]$/.exec(test.name)?.[1]?.split(", ") ?? [];
}

/** Ids without a passing test, ids given twice, and ids cited that are not in the list. */
function requirementProblems(tests: readonly TestCase[]): string[] {
  const known = requirements.map(({ id }) => id);
  const shown = new Set(
    tests.filter((test) => test.result().state === "passed").flatMap((test) => citedBy(test)),
  );
  const cited = new Set(tests.flatMap((test) => citedBy(test)));
  const missed = process.env.CI ? [] : skipped.flatMap((test) => citedBy(test));
  return [
    ...known
      .filter((id) => !shown.has(id) && !missed.includes(id))
      .map((id) => `${id} has no passing test`),
    ...known.filter((id, index) => known.indexOf(id) !== index).map((id) => `${id} stands twice`),
    ...[...cited]
      .filter((id) => !(known as readonly string[]).includes(id))
      .map((id) => `${id} is cited, but is not in the list`),
  ];
}

await run("types", "node_modules/typescript/bin/tsc", []);
await run("lint and format", "node_modules/@biomejs/biome/bin/biome", [
  "ci",
  "--error-on-warnings",
  "--colors=off",
]);
await run("build", "scripts/build.ts", []);

const vitest = await startVitest("test", filters, { watch: false, root });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap((module) => [...module.children.allTests()]);
for (const test of tests) {
  const { state } = test.result();
  if (state === "passed") tally.passed += 1;
  else if (state === "skipped") tally.skipped += 1;
  else tally.failed += 1;
}
const skipped = tests.filter((test) => test.result().state === "skipped");
count("every test file loads and no test is left out", [
  ...modules.flatMap((module) =>
    // What fails in a hook leaves its tests out.
    [module, ...module.children.allSuites()].flatMap((part) =>
      part.errors().map((error) => `${module.moduleId}: ${error.message}`),
    ),
  ),
  ...vitest.state.getUnhandledErrors().map((error) => `unhandled: ${String(error)}`),
  // Where nobody looks, a test that does not run is a test that fails.
  ...(process.env.CI ? skipped.map((test) => `not run: ${test.fullName}`) : []),
  ...(tests.length === 0 ? ["no test was found"] : []),
]);
if (filters.length === 0) count("every requirement has a test", requirementProblems(tests));
await vitest.close();

if (tally.skipped > 0) {
  console.log(
    `${tally.skipped} not run on this machine, as it is now (CHROMIUM_PATH can name a browser):`,
  );
  for (const test of skipped) {
    const { note } = test.result() as { note?: string };
    console.log(`  - ${test.fullName}${note ? ` (${note})` : ""}`);
  }
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
