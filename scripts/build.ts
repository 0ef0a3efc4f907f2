/** `npm run build`: makes `dist/`, which is what is deployed and what `func start` runs. */
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";
import { build } from "./dist.ts";

const usage = `Usage: npm run build

Makes dist/: what is deployed, and what "func start" runs. It holds everything the server needs.`;

await runCommand(async () => {
  const { positionals } = readArguments(usage, {});
  if (positionals.length > 0) throw new CommandError(`What is ${positionals[0]}? Try --help.`);
  await build();
});
