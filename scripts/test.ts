/**
 * `npm test`: type check, lint, build, every test, and the gate over the requirements list. Ends
 * with a line `N passed, N failed`. With paths (`npm test -- test/identity`) it runs those tests
 * alone, at once: without type check, lint and gate, and after a build only where they need it.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { inspect } from "node:util";
import { startVitest, type TestCase, type Vitest } from "vitest/node";
import { readArguments, runCommand } from "../local/command-line.ts";
import { requirements } from "../test/requirements.ts";
import { needBuild, testFilesAt } from "./test-files.ts";
import { typeChecks } from "./type-checks.ts";

const root = join(import.meta.dirname, "..");
const tally = { passed: 0, failed: 0 };

const usage = `Usage: npm test [-- PATH...]

Without PATH: type check, lint and format, build, every test, and whether every requirement in
test/requirements/ has a passing test.

With PATH, those tests alone, at once: the test files whose path contains PATH, such as test/gates
or cursor.test.ts. What they need of the build is built first.

The sign-in page is driven in Chromium, Chrome or Edge: the environment variable CHROMIUM_PATH names
one that is not at its usual place. A test that cannot run on this machine is listed with the reason.
With CI set in the environment, a test that does not run is a test that fails.

The last line is "N passed, N failed"; the exit code is 0 where none failed.`;

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
async function run(name: string, script: string, args: readonly string[] = []): Promise<void> {
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
  const missed = process.env.CI ? [] : skippedOf(tests).flatMap((test) => citedBy(test));
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

function skippedOf(tests: readonly TestCase[]): TestCase[] {
  return tests.filter((test) => test.result().state === "skipped");
}

/** Why a skipped test did not run, in its own words: the note that it gave to `context.skip`. */
function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  return result.state === "skipped" ? result.note : undefined;
}

function testsOf(vitest: Vitest): TestCase[] {
  return vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
}

/** Vitest hands over what a worker threw as an object that `String` cannot make a text of. */
function messageOf(error: unknown): string {
  const hasMessage = typeof error === "object" && error !== null && "message" in error;
  return hasMessage ? String(error.message) : inspect(error);
}

/** What keeps the tests that ran from being all that there are. */
function problemsOf(vitest: Vitest): string[] {
  const tests = testsOf(vitest);
  const skipped = skippedOf(tests);
  return [
    ...vitest.state
      .getTestModules()
      // What fails in a hook leaves its tests out.
      .flatMap((module) =>
        [module, ...module.children.allSuites()].flatMap((part) =>
          part.errors().map((error) => `${module.moduleId}: ${error.message}`),
        ),
      ),
    ...vitest.state.getUnhandledErrors().map((error) => `unhandled: ${messageOf(error)}`),
    // Where nobody looks, a test that does not run is a test that fails.
    ...(process.env.CI ? skipped.map((test) => `not run: ${test.fullName}`) : []),
    ...skipped
      .filter((test) => reasonOf(test) === undefined)
      .map((test) => `not run, and does not say why: ${test.fullName}`),
    ...(tests.length === skipped.length ? ["no test ran"] : []),
  ];
}

/** Runs test files, or all where none is named, and counts their tests. */
async function runTests(files: readonly string[] = []): Promise<void> {
  const vitest = await startVitest("test", [...files], { watch: false, root });
  const tests = testsOf(vitest);
  for (const test of tests) {
    const { state } = test.result();
    if (state === "passed") tally.passed += 1;
    else if (state !== "skipped") tally.failed += 1;
  }
  count("every test file loads and no test is left out", problemsOf(vitest));
  if (files.length === 0) count("every requirement has a test", requirementProblems(tests));
  await vitest.close();
  const skipped = skippedOf(tests);
  if (skipped.length > 0) console.log(`${skipped.length} not run on this machine, as it is now:`);
  for (const test of skipped) console.log(`  - ${test.fullName} (${reasonOf(test)})`);
}

async function runEverything(): Promise<void> {
  for (const [script, ...args] of typeChecks(root)) await run("types", script, args);
  await run("lint and format", "node_modules/@biomejs/biome/bin/biome", [
    "ci",
    "--error-on-warnings",
    "--colors=off",
  ]);
  await run("build", "scripts/build.ts");
  await runTests();
}

async function runAlone(paths: readonly string[]): Promise<void> {
  const unmatched = paths.filter((path) => testFilesAt(path).length === 0);
  if (unmatched.length > 0) {
    return count(
      "every path names tests",
      unmatched.map((path) => `no test file has ${path} in its path`),
    );
  }
  const files = [...new Set(paths.flatMap(testFilesAt))];
  if (await needBuild(files)) await run("build", "scripts/build.ts");
  await runTests(files);
}

await runCommand(async () => {
  const { positionals: paths } = readArguments(usage, {}, Number.POSITIVE_INFINITY);
  await (paths.length === 0 ? runEverything() : runAlone(paths));
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
});
