import { text } from "node:stream/consumers";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { conceal } from "./report.ts";

/** Why there is nothing to report on: told in one message, without a stack. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}

/** What a program prints, and how it ends: with 0 unless given. */
export interface Ending {
  readonly output: string;
  readonly exitCode?: number;
}

/**
 * Runs a program and prints what comes of it. Where it cannot run, the reason goes to standard error
 * and the exit code is 2.
 *
 * @param program is given a list for the secrets that no such reason may show
 */
export async function runProgram(program: (secrets: string[]) => Promise<Ending>): Promise<void> {
  const secrets: string[] = [];
  try {
    const { output, exitCode = 0 } = await program(secrets);
    console.log(output);
    process.exitCode = exitCode;
  } catch (error) {
    console.error(error instanceof CannotRun ? conceal(error.message, secrets) : error);
    process.exitCode = 2;
  }
}

/** Whether standard output shows colours. */
export function hasColour(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}

/** @throws {CannotRun} where an option is unknown or lacks its value */
export function parseOptions<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with a dash, which no URL does.
    const reason = message.replace(/\. To specify a positional argument.*/s, ".");
    throw new CannotRun(`${reason}\n\n${usage}`);
  }
}

/**
 * The MCP URL that is asked about.
 *
 * @returns nothing where none is given
 * @throws {CannotRun}
 */
export function readTarget(positionals: readonly string[], usage: string): URL | undefined {
  const [given, ...rest] = positionals;
  if (rest.length > 0) throw new CannotRun(`One URL at a time: what is ${rest[0]}?\n\n${usage}`);
  if (given === undefined) return undefined;
  const url = URL.parse(given);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw new CannotRun(`${given} is no http or https URL, such as ${exampleFor(given)}.`);
  }
  return url;
}

/** Most often nothing but the scheme is missing, or scheme and path. */
function exampleFor(given: string): string {
  if (!/^[\w.-]+(?::\d+)?(?:\/|$)/.test(given)) return "https://mcp.example.com/mcp";
  const scheme = /^(?:localhost|127\.)/.test(given) ? "http" : "https";
  return `${scheme}://${given}${given.includes("/") ? "" : "/mcp"}`;
}

/**
 * A token as it is pasted: with the scheme before it, and a line's end after it.
 *
 * @param given `-` where it comes from standard input
 * @throws {CannotRun}
 */
export async function readToken(
  given: string | undefined,
  stdin: NodeJS.ReadableStream,
): Promise<string | undefined> {
  const pasted = given === "-" ? await text(stdin) : given;
  const token = pasted?.trim().replace(/^Bearer\s+/i, "");
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CannotRun("The token given is empty, or has characters that no token has.");
}

/** @throws {CannotRun} */
export function readOrigin(given: string | undefined): string | undefined {
  if (given === undefined || URL.parse(given)?.origin === given) return given;
  throw new CannotRun(`${given} is no origin, such as https://app.example.com without a path.`);
}

/** As milliseconds, less than a timer can wait. */
const longest = 999_999_999;

/**
 * @param unit what the number counts, for the message
 * @throws {CannotRun}
 */
export function readNumber(
  option: string,
  given: string | undefined,
  { least = 1, most = longest, unit = "" } = {},
): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (number >= least && number <= most) return number;
  const of = unit === "" ? "" : ` of ${unit}`;
  const range = most === longest ? `from ${least}` : `from ${least} to ${most}`;
  throw new CannotRun(`--${option} takes a whole number${of} ${range}, not ${given}.`);
}

/** @returns milliseconds */
export function readTimeout(given: string | undefined): number | undefined {
  const seconds = readNumber("timeout", given, { most: 9_999, unit: "seconds" });
  return seconds === undefined ? undefined : seconds * 1000;
}
