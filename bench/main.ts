/** `npm run bench`: builds the server, measures it, and says how its figures differ from earlier ones. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";
import { readAppFiles } from "../local/functions-host/app-files.ts";
import { compare } from "./compare.ts";
import { problemsOf, type Report, reportSchema } from "./report.ts";
import { textComparison, textReport } from "./text.ts";

/** Enough that all rounds of one run are hardly ever better than all of another by chance. */
const usualRounds = 5;
const defaultSeconds = 2;
/** A run with less for each scenario shows that everything works, and no figures: one round will do. */
const leastSecondsForFigures = 0.5;

await runCommand(async () => {
  const { values } = readArguments("Usage: npm run bench -- [options]", {
    only: { value: "NAME", description: "one scenario, or all below a name; --list shows them" },
    seconds: {
      value: "N",
      description: `for which each scenario is measured, ${defaultSeconds} unless given`,
    },
    against: {
      value: "FOLDER",
      description: "the folder of another build: imports and cold starts are measured in turns",
    },
    compare: { value: "FILE", description: "what an earlier run has printed with --json" },
    json: { description: "one JSON document instead of text" },
    list: { description: "the scenarios" },
    build: { description: "build before measuring, as npm run bench does" },
  });
  const seconds = readSeconds(values.seconds);
  const against = values.against === undefined ? undefined : resolve(values.against);
  // Says what is missing where the folder is no build.
  if (against !== undefined) readAppFiles(against);
  const earlier = values.compare === undefined ? undefined : await readReport(values.compare);

  // They bring the whole server along, which would keep a refusal waiting.
  const { runScenarios, scenarioNames, scenariosNamed } = await import("./run.ts");
  if (values.list) return console.log(scenarioNames.join("\n"));
  const names = new Set(values.only === undefined ? scenarioNames : scenariosNamed(values.only));
  if (names.size === 0) {
    throw new CommandError(
      `There is no scenario ${values.only}. There are:\n${scenarioNames.join("\n")}`,
    );
  }
  const rounds = seconds < leastSecondsForFigures ? 1 : usualRounds;
  if (values.build) await (await import("../scripts/dist.ts")).build();
  const report = await runScenarios(names, { seconds, rounds, against });
  const comparison = earlier && compare(earlier, report);
  if (values.json) {
    console.log(JSON.stringify(comparison ? { ...report, comparison } : report, null, 2));
  } else {
    console.log(textReport(report));
    if (comparison) console.log(`\n${textComparison(comparison)}`);
  }
  const problems = problemsOf(report);
  if (problems.length > 0) {
    throw new CommandError(`The figures are worthless:\n${problems.join("\n")}`);
  }
});

function readSeconds(text: string | undefined): number {
  if (text === undefined) return defaultSeconds;
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds > 0 && seconds <= 600) return seconds;
  throw new CommandError(`--seconds takes a number of seconds up to 600, such as 2, not ${text}.`);
}

async function readReport(path: string): Promise<Report> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new CommandError(`${path} cannot be read.`);
  });
  try {
    return reportSchema.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`${path} is not what npm run --silent bench -- --json prints.`);
  }
}
