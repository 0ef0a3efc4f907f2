/** `npm run bridge -- --url URL`: MCP over stdio to a remote server, signed in as a person. */
import { CannotStart, readCommand, usage } from "./command-line.ts";

try {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") console.log(usage);
  else throw new CannotStart("This bridge cannot pass messages on yet.");
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exitCode = 2;
}
