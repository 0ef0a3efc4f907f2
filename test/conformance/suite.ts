import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../../local/paths.ts";
import { runNode } from "../support/run-program.ts";

/** The revisions that the suite has a frozen set of required scenarios for. */
export const revisions = ["2025-11-25", "2026-07-28"] as const;

export type Revision = (typeof revisions)[number];

export interface SuiteRun {
  /** 0 when, of what the revision requires, exactly what was expected to fail has failed. */
  readonly exitCode: number | null;
  /** What the suite says of every scenario, and of expected and unexpected failures. */
  readonly summary: string;
  /** How many scenarios the suite set out to run. */
  readonly announced: number;
  readonly ran: readonly ScenarioRun[];
  /** Scenarios that failed as expected, or single checks of one as `scenario:check`. */
  readonly expectedFailures: readonly string[];
  /**
   * Scenarios that failed, but that the revision does not require: extensions, and what the suite
   * has not made final. The suite runs them, and holds them against nobody.
   */
  readonly unrequiredFailures: readonly string[];
  /**
   * What counts as passed without having been judged: scenarios that checked nothing, and checks
   * that the suite skipped, as `scenario:check`.
   */
  readonly unjudged: readonly string[];
}

export interface ScenarioRun {
  readonly scenario: string;
  readonly passed: boolean;
  readonly passedChecks: number;
}

/** The suite, as a program. */
export const commandLine = join(
  projectFolder,
  "node_modules/@modelcontextprotocol/conformance/dist/index.js",
);

/**
 * Runs the suite's command line, the only thing that it exports.
 *
 * @param expectedFailures path of a file in the suite's own format
 * @param outputFolder where the suite writes every check; nothing else may be in it
 */
export async function runSuite(
  url: string,
  revision: Revision,
  expectedFailures: string,
  outputFolder: string,
): Promise<SuiteRun> {
  const { code, stdout, stderr } = await runNode(commandLine, [
    "server",
    ...["--url", url, "--requirements", revision, "--expected-failures", expectedFailures],
    ...["--output-dir", outputFolder],
  ]);
  const output = stdout + stderr;
  const announced = /^Running requirements \S+ \((\d+) scenarios\)/m.exec(output)?.[1];
  const start = output.indexOf("=== SUMMARY ===");
  // A suite that refuses its arguments ends without a summary; then everything it said matters.
  const summary = start < 0 ? output : output.slice(start);
  const ran = [...summary.matchAll(/^([✓✗]) (\S+): (\d+) passed, \d+ failed$/gm)].map(
    ([, mark, scenario = "", passed]) => ({
      scenario,
      passed: mark === "✓",
      passedChecks: Number(passed),
    }),
  );
  const expected = [...summary.matchAll(/^ {2}~ (\S+)$/gm)].map(([, entry = ""]) => entry);
  const expectedScenarios = expected.map((entry) => entry.split(":")[0]);
  return {
    exitCode: code,
    summary,
    announced: Number(announced ?? 0),
    ran,
    expectedFailures: expected,
    // What is required and failed is expected, or the exit code says that it is not.
    unrequiredFailures: ran
      .filter(({ scenario, passed }) => !passed && !expectedScenarios.includes(scenario))
      .map(({ scenario }) => scenario),
    unjudged: [
      ...ran
        .filter(({ passed, passedChecks }) => passed && passedChecks === 0)
        .map(({ scenario }) => scenario),
      ...(await skippedChecks(outputFolder)),
    ],
  };
}

/** The suite makes a folder for each scenario, named after it and the time. */
async function skippedChecks(outputFolder: string): Promise<string[]> {
  const folders = (await readdir(outputFolder)).sort();
  const skipped = folders.map(async (folder) => {
    const scenario = folder.replace(/^server-(.*)-\d{4}-\d{2}-\d{2}T.*$/, "$1");
    const text = await readFile(join(outputFolder, folder, "checks.json"), "utf8");
    const checks: { id: string; status: string }[] = JSON.parse(text);
    return checks.filter(({ status }) => status === "SKIPPED").map(({ id }) => `${scenario}:${id}`);
  });
  return (await Promise.all(skipped)).flat();
}
