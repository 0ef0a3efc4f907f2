/** `npm run authsuite -- URL`: checks from outside how an MCP server guards itself. */
import { CannotRun } from "../shared/command-line.ts";
import { conceal } from "../shared/report.ts";
import { type RunOptions, readCommand, usage } from "./command-line.ts";
import type { SuiteOptions } from "./prepare.ts";
import { catalogue } from "./report/catalogue.ts";
import { jsonReport } from "./report/json.ts";
import { textReport } from "./report.ts";
import { exitCodeOf, runSuite, summarise } from "./suite.ts";

let secrets: string[] = [];

try {
  const command = await readCommand(process.argv.slice(2), process.stdin);
  if (command.kind === "help") console.log(usage);
  else if (command.kind === "list") console.log(catalogue());
  else {
    const options = await suiteOptions(command.options);
    secrets = [options.token, options.expiredToken].filter((token) => token !== undefined);
    const report = await runSuite(options);
    const colour = process.stdout.isTTY && process.stdout.hasColors();
    console.log(
      command.json ? jsonReport(report, secrets) : textReport(report, { colour, secrets }),
    );
    process.exitCode = exitCodeOf(summarise(report));
  }
} catch (error) {
  console.error(error instanceof CannotRun ? conceal(error.message, secrets) : error);
  process.exitCode = 2;
}

/** What the laptop stack supplies gives way to what the command line says. */
async function suiteOptions({ laptop, target, ...given }: RunOptions): Promise<SuiteOptions> {
  const said = Object.fromEntries(
    Object.entries({ ...given, target }).filter(([, value]) => value !== undefined),
  );
  if (!laptop && target) return { ...given, target };
  // The laptop stack belongs to this project; a server elsewhere is checked without any of it.
  const { findLaptop } = await import("./laptop.ts");
  return { ...(await findLaptop(laptop ?? { port: undefined, dataFolder: undefined })), ...said };
}
