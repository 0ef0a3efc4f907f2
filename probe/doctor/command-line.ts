import { text } from "node:stream/consumers";
import {
  CannotRun,
  parseOptions,
  readOrigin,
  readTarget,
  readTimeout,
  readToken,
} from "../shared/command-line.ts";
import { codesIn } from "./explain.ts";
import type { Subject } from "./patient.ts";
import type { SignInClient } from "./sign-in/authorization-request.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | { readonly kind: "explain"; readonly codes: readonly string[]; readonly json: boolean }
  | { readonly kind: "examine"; readonly subject: Omit<Subject, "now">; readonly json: boolean };

export const usage = `Usage: npm run doctor -- URL [options]
       npm run doctor -- --explain CODE

Looks at a running MCP server, local or deployed, from outside: says what is wrong and how to fix it,
the most fundamental first.

  --token TOKEN      an access token for the server, which is judged claim by claim and tried; - reads
                     it from standard input. Without the option, MCP_TOKEN of the environment is
                     taken: neither of the two stands in the shell's history
  --call             calls get_user_details with the token, to prove the on-behalf-of exchange
  --origin ORIGIN    a browser origin that the server should allow
  --client-id ID     the client whose sign-in is looked at, with its --redirect-uri; Visual Studio
                     Code's unless given. Nobody is signed in, and no page is shown
  --timeout SECONDS  for each request, 10 unless given
  --explain TEXT     what Entra's errors mean and what to do: AADSTS65001, 65001, several of them, or a
                     whole message; - reads it from standard input
  --json             one JSON document instead of text
  --list             every check, as Markdown
  --help             this

Exit code: 0 healthy (--explain: all known), 1 there are findings (--explain: some are not known),
2 it could not run, or could not judge everything.`;

const options = {
  token: { type: "string" },
  call: { type: "boolean" },
  origin: { type: "string" },
  "client-id": { type: "string" },
  "redirect-uri": { type: "string" },
  timeout: { type: "string" },
  explain: { type: "string" },
  json: { type: "boolean" },
  list: { type: "boolean" },
  help: { type: "boolean" },
} as const;

const defaultTimeout = 10_000;

/**
 * Reads the command line.
 *
 * @param stdin where a token or a message may come from
 * @param environment where `MCP_TOKEN` may stand
 * @throws {CannotRun} saying what is wrong with it
 */
export async function readCommand(
  args: readonly string[],
  stdin: NodeJS.ReadableStream,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Command> {
  const { values, positionals } = parseOptions(args, options, usage);
  const { json = false, call = false } = values;
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  if (values.explain !== undefined) {
    const given = values.explain === "-" ? await text(stdin) : values.explain;
    const codes = codesIn(given, ...positionals);
    if (codes.length > 0) return { kind: "explain", codes, json };
    throw new CannotRun("There is no error code of Entra's in that, such as AADSTS65001 or 65001.");
  }

  const target = readTarget(positionals, usage);
  if (!target) throw new CannotRun(`Which server? Give its MCP URL.\n\n${usage}`);
  const token = await readToken(values.token ?? (environment.MCP_TOKEN || undefined), stdin);
  if (call && token === undefined) {
    throw new CannotRun("--call needs a token: --token, --token - or MCP_TOKEN.");
  }
  const origin = readOrigin(values.origin);
  const client = readClient(values["client-id"], values["redirect-uri"]);
  const timeout = readTimeout(values.timeout) ?? defaultTimeout;
  return { kind: "examine", json, subject: { target, token, origin, call, client, timeout } };
}

function readClient(
  id: string | undefined,
  redirectUri: string | undefined,
): SignInClient | undefined {
  if (id === undefined && redirectUri === undefined) return undefined;
  if (!id || !redirectUri) {
    throw new CannotRun("--client-id and --redirect-uri go together: one is missing.");
  }
  if (URL.canParse(redirectUri) && !redirectUri.includes("#")) return { id, redirectUri };
  throw new CannotRun(
    `${redirectUri} is no redirect URI, such as https://claude.ai/api/mcp/auth_callback.`,
  );
}
