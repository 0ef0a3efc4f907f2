import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { CannotRun } from "../shared/command-line.ts";
import { codesIn } from "./explain.ts";
import type { Subject } from "./patient.ts";

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | { readonly kind: "explain"; readonly codes: readonly string[]; readonly json: boolean }
  | { readonly kind: "examine"; readonly subject: Omit<Subject, "now">; readonly json: boolean };

export const usage = `Usage: npm run doctor -- URL [options]
       npm run doctor -- --explain CODE

Looks at a running MCP server, local or deployed, from outside: says what is wrong and how to mend
it, the most fundamental first.

  --token TOKEN      an access token for the server, which is judged claim by claim and tried; - reads
                     it from standard input. Without the option, MCP_TOKEN of the environment is
                     taken: neither of the two stands in the shell's history
  --call             calls get_user_details with the token, to prove the on-behalf-of exchange
  --origin ORIGIN    a browser origin that the server should allow
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
  const { values, positionals } = parse(args);
  const json = values.json ?? false;
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  if (values.explain !== undefined) {
    const given = values.explain === "-" ? await text(stdin) : values.explain;
    const codes = codesIn(given, ...positionals);
    if (codes.length > 0) return { kind: "explain", codes, json };
    throw new CannotRun("There is no error code of Entra's in that, such as AADSTS65001 or 65001.");
  }

  const [url, ...rest] = positionals;
  if (rest.length > 0) throw new CannotRun(`One URL at a time: what is ${rest[0]}?\n\n${usage}`);
  if (url === undefined) throw new CannotRun(`Which server? Give its MCP URL.\n\n${usage}`);
  const given = values.token === "-" ? await text(stdin) : values.token;
  const token = readToken(given ?? (environment.MCP_TOKEN || undefined));
  if (values.call && token === undefined) {
    throw new CannotRun("--call needs a token: --token, --token - or MCP_TOKEN.");
  }
  return {
    kind: "examine",
    json,
    subject: {
      target: readTarget(url),
      token,
      origin: readOrigin(values.origin),
      call: values.call ?? false,
      timeout: readSeconds(values.timeout) ?? defaultTimeout,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with a dash, which no URL does.
    const reason = message.replace(/\. To specify a positional argument.*/s, ".");
    throw new CannotRun(`${reason}\n\n${usage}`);
  }
}

function readTarget(text: string): URL {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw new CannotRun(`${text} is no http or https URL, such as ${exampleFor(text)}.`);
  }
  return url;
}

/** Most often nothing but the scheme is missing, or scheme and path. */
function exampleFor(text: string): string {
  if (!/^[\w.-]+(?::\d+)?(?:\/|$)/.test(text)) return "https://mcp.example.com/mcp";
  const scheme = /^(?:localhost|127\.)/.test(text) ? "http" : "https";
  return `${scheme}://${text}${text.includes("/") ? "" : "/mcp"}`;
}

/** Such as it is pasted: with the scheme before it, and a line's end after it. */
function readToken(text: string | undefined): string | undefined {
  const token = text?.trim().replace(/^Bearer\s+/i, "");
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CannotRun("The token given is empty, or has characters that no token has.");
}

function readOrigin(text: string | undefined): string | undefined {
  if (text === undefined || URL.parse(text)?.origin === text) return text;
  throw new CannotRun(`${text} is no origin, such as https://app.example.com without a path.`);
}

/** In milliseconds. */
function readSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1) return Number(text) * 1000;
  throw new CannotRun(`--timeout takes a whole number of seconds from 1, not ${text}.`);
}
