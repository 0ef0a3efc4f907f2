/** `npm run authsuite -- URL`: checks from outside how an MCP server guards itself. */
import { hasColour, runProgram } from "../shared/command-line.ts";
import { exitCodeOf } from "../shared/report.ts";
import { catalogue } from "./check.ts";
import { type RunOptions, readCommand, usage } from "./command-line.ts";
import type { SuiteOptions } from "./prepare.ts";
import { jsonReport, textReport } from "./report.ts";
import { runSuite } from "./suite.ts";

await runProgram(async (secrets) => {
  const command = await readCommand(process.argv.slice(2), process.stdin);
  if (command.kind === "help") return { output: usage };
  if (command.kind === "list") return { output: catalogue };
  const options = await suiteOptions(command.options);
  secrets.push(...[options.token, options.expiredToken].filter((token) => token !== undefined));
  const report = await runSuite(options);
  return {
    output: command.json
      ? jsonReport(report, secrets)
      : textReport(report, { colour: hasColour(), secrets }),
    exitCode: exitCodeOf(report),
  };
});

/** The command line takes precedence over what the laptop stack supplies. */
async function suiteOptions({ laptop, target, ...given }: RunOptions): Promise<SuiteOptions> {
  const said = Object.fromEntries(
    Object.entries({ ...given, target }).filter(([, value]) => value !== undefined),
  );
  if (!laptop && target) return { ...given, target };
  // The laptop stack belongs to this project; a server elsewhere is checked without any of it.
  const { findLaptop } = await import("./laptop.ts");
  const which = laptop ?? { port: undefined, dataFolder: undefined };
  return { ...(await findLaptop(which, target)), ...said };
}
