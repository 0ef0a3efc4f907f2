import { describe, expect, it } from "vitest";
import { reportSchema } from "../../bench/report.ts";
import { scenarioNames, scenariosNamed } from "../../bench/scenarios/all.ts";
import { verifies } from "../requirements.ts";
import { runCommand } from "../support/stack.ts";

const bench = (...args: string[]) => runCommand("bench/main.ts", args);

describe("the benchmark", () => {
  it(verifies(
    "bench.scenarios",
    "measures every scenario, each answered as it should be",
  ), async () => {
    const { code, stdout, stderr } = await bench("--json", "--seconds", "0.02");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(stdout));
    const measured = report.measurements.map(({ name }) => name);
    const missing = scenarioNames.filter(
      (name) => !measured.some((found) => found === name || found.startsWith(`${name}/`)),
    );
    expect(missing).toEqual([]);
    expect(report.measurements.filter(({ errors }) => errors > 0)).toEqual([]);
    expect(report.measurements.filter(({ answers }) => answers === 0)).toEqual([]);
    const empty = report.measurements.filter(({ metrics }) => metrics.length === 0);
    // Windows does not tell what another process holds.
    const untold = process.platform === "win32" ? ["memory"] : [];
    expect(empty.map(({ name }) => name)).toEqual(untold);
    expect(report.machine.node).toBe(process.versions.node);
  }, 120_000);

  it(verifies("bench.scenarios", "measures one of them alone, and says where"), async () => {
    const { code, stdout } = await bench("--only", "token-verification", "--seconds", "0.02");
    expect(code).toBe(0);
    expect(stdout).toContain("token-verification");
    expect(stdout).not.toContain("pipeline");
    expect(stdout).toContain(`Node ${process.versions.node}`);
    expect(stdout).toContain("stand in for\nAzure's");
  });

  it(verifies("bench.scenarios", "takes a name for all that begins with it"), () => {
    expect(scenariosNamed("tools-list")).toHaveLength(4);
    expect(scenariosNamed("tools-list/older")).toEqual([
      "tools-list/older/1",
      "tools-list/older/16",
    ]);
    expect(scenariosNamed("tools")).toEqual([]);
  });

  it.each([
    [["--only", "nothing"], "There is no scenario nothing. There are:\nbundle-size\n"],
    [["--seconds", "soon"], "--seconds takes a number of seconds"],
    [["--seconds", "0"], "--seconds takes a number of seconds"],
    [["--compare", "nowhere.json"], "nowhere.json cannot be read."],
    [["--compare", "package.json"], "package.json is not what"],
    [["fast"], "What is fast? Try --help."],
  ])(verifies("bench.scenarios", "says what is wrong with %j"), async (args, message) => {
    const { code, stderr } = await bench(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
