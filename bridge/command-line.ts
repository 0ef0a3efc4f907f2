import { parseArgs } from "node:util";
import { readServerUrl, type ServerUrl } from "./server-url.ts";
import { readChoices, type SignInChoices, signInOptions, signInUsage } from "./sign-in/settings.ts";

/** What is wrong with the command line, or keeps the program from starting: told without a stack. */
export class CannotStart extends Error {
  override readonly name = "CannotStart";
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | {
      readonly kind: "serve" | "login" | "logout";
      readonly server: ServerUrl;
      readonly choices: SignInChoices;
      readonly verbose: boolean;
    };

/** How the program was started: from its source, or as its package. */
const isSource = import.meta.url.endsWith(".ts");
const program = isSource ? "npm run bridge --" : "entra-mcp-bridge";

export const usage = `Usage: ${program} --url URL [options]

Speaks MCP over standard input and output, and passes it on to the remote MCP server at URL, signed in
as a person. MCP clients start it; docs/bridge.md has their configuration.

  --url URL              the server's MCP URL: https, or http on this machine
${signInUsage}
  --verbose              tells every message on standard error, without what is in it
  --help                 this`;

const options = {
  url: { type: "string" },
  verbose: { type: "boolean" },
  help: { type: "boolean" },
  ...signInOptions,
} as const;

/** @throws {CannotStart} saying what is wrong */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  const [extra] = positionals;
  if (extra !== undefined) {
    throw new CannotStart(
      `What is ${extra}? ${isSource ? 'Options after "npm run bridge" stand behind --, such as -- --url URL.' : "The server's URL stands after --url."}`,
    );
  }
  if (values.url === undefined) throw new CannotStart(`Which server? Give --url.\n\n${usage}`);
  const server = readServerUrl(values.url);
  if (!server.ok) throw new CannotStart(server.reason);
  if (values.login && values.logout) {
    throw new CannotStart("--login and --logout do not go together.");
  }
  return {
    kind: values.login ? "login" : values.logout ? "logout" : "serve",
    server: server.value,
    choices: readChoices(values),
    verbose: values.verbose ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with a dash, which the bridge does not take.
    const reason = message.replace(/\. To specify a positional argument.*/s, ".");
    throw new CannotStart(`${reason}\n\n${usage}`);
  }
}
