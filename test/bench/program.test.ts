import { cp } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { reportSchema } from "../../bench/report.ts";
import { runScenarios, scenarioNames, scenariosNamed } from "../../bench/run.ts";
import { applicationFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { runCommand, temporaryFolder } from "../support/stack.ts";

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
    const { code, stdout } = await bench("--only", "signature", "--seconds", "0.02");
    expect(code).toBe(0);
    expect(stdout).toContain("signature");
    expect(stdout).not.toContain("sample-call");
    expect(stdout).toContain(`Node ${process.versions.node}`);
    expect(stdout).toContain("stand in for\nAzure's");
  });

  it(verifies("bench.scenarios", "takes a name for all that begins with it"), () => {
    expect(scenariosNamed("tools-list")).toHaveLength(4);
    expect(scenariosNamed("tools-list/legacy")).toEqual([
      "tools-list/legacy/1",
      "tools-list/legacy/16",
    ]);
    expect(scenariosNamed("tools")).toEqual([]);
  });

  it(verifies("bench.against", "measures another build in turns with this one"), async () => {
    await using other = await temporaryFolder();
    await cp(applicationFolder, other.path, { recursive: true });
    for (const [name, figure, further] of [
      [
        "import/bundle",
        "import",
        ["loaded bytes", "loaded by the other bytes", "own code in the bundle kB"],
      ],
      ["cold-start", "first tool call", []],
    ] as const) {
      const effort = { seconds: 0.02, rounds: 1, against: other.path };
      const [measurement] = (await runScenarios(new Set([name]), effort)).measurements;
      expect(measurement?.metrics.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
        `${figure}, ratio times`,
        `${figure} ms`,
        `${figure} of the other ms`,
        ...further,
      ]);
      if (name === "cold-start") continue;
      const [loaded, loadedByOther] = measurement?.metrics.slice(3) ?? [];
      expect(loaded?.values[0]).toBeGreaterThan(1_000_000);
      expect(loadedByOther?.values).toEqual(loaded?.values);
    }
  }, 120_000);

  it.each([
    [["--only", "nothing"], "There is no scenario nothing. There are:\nimport/bundle\n"],
    [["--seconds", "0"], "--seconds takes a number of seconds"],
    [["--against", "docs"], "package.json is missing"],
    [["--compare", "nowhere.json"], "nowhere.json cannot be read."],
    [["--compare", "package.json"], "package.json is not what"],
  ])(verifies("bench.scenarios", "says what is wrong with %j"), async (args, message) => {
    const { code, stderr } = await bench(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
