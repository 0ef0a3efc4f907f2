/** `npm run doctor -- URL`: looks at a running server from outside, and says how to mend it. */
import { CannotRun } from "../shared/command-line.ts";
import { readCommand, usage } from "./command-line.ts";
import { examine, exitCodeOf, summarise } from "./examination.ts";
import { exitCodeOfExplanations, explainCode } from "./explain.ts";
import { catalogue } from "./report/catalogue.ts";
import { conceal } from "./report/conceal.ts";
import { jsonExplanations, jsonReport } from "./report/json.ts";
import { textExplanations, textReport } from "./report.ts";

const colour = process.stdout.isTTY && process.stdout.hasColors();

try {
  const command = await readCommand(process.argv.slice(2), process.stdin, process.env);
  switch (command.kind) {
    case "help":
      console.log(usage);
      break;
    case "list":
      console.log(catalogue());
      break;
    case "explain": {
      const explanations = command.codes.map(explainCode);
      const { json } = command;
      console.log(
        json ? jsonExplanations(explanations) : textExplanations(explanations, { colour }),
      );
      process.exitCode = exitCodeOfExplanations(explanations);
      break;
    }
    case "examine": {
      const report = await examine({ ...command.subject, now: Date.now });
      const { token } = command.subject;
      console.log(
        command.json ? jsonReport(report, token) : conceal(textReport(report, { colour }), token),
      );
      process.exitCode = exitCodeOf(summarise(report));
    }
  }
} catch (error) {
  console.error(error instanceof CannotRun ? error.message : error);
  process.exitCode = 2;
}
