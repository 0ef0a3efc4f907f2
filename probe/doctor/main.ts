/** `npm run doctor -- URL`: looks at a running server from outside, and says how to fix it. */
import { hasColour, runProgram } from "../shared/command-line.ts";
import { exitCodeOf } from "../shared/report.ts";
import { catalogue } from "./check.ts";
import { readCommand, usage } from "./command-line.ts";
import { examine } from "./examination.ts";
import { exitCodeOfExplanations, explainCode } from "./explain.ts";
import { jsonExplanations, jsonReport, textExplanations, textReport } from "./report.ts";

await runProgram(async (secrets) => {
  const command = await readCommand(process.argv.slice(2), process.stdin, process.env);
  if (command.kind === "help") return { output: usage };
  if (command.kind === "list") return { output: catalogue };
  const options = { colour: hasColour(), secrets };
  if (command.kind === "explain") {
    const explanations = command.codes.map(explainCode);
    return {
      output: command.json
        ? jsonExplanations(explanations)
        : textExplanations(explanations, options),
      exitCode: exitCodeOfExplanations(explanations),
    };
  }
  const { subject } = command;
  if (subject.token !== undefined) secrets.push(subject.token);
  const report = await examine({ ...subject, now: Date.now });
  return {
    output: command.json ? jsonReport(report, secrets) : textReport(report, options),
    exitCode: exitCodeOf(report),
  };
});
