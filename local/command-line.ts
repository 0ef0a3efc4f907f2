import { parseArgs } from "node:util";

type Options = Readonly<
  Record<string, { readonly type: "string" | "boolean"; readonly description: string }>
>;

type Values<Given extends Options> = {
  readonly [Name in keyof Given]: Given[Name]["type"] extends "boolean"
    ? boolean
    : string | undefined;
};

/** A mistake of the person at the keyboard, or of the machine: told in one message, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Reads a command's arguments. `--help` prints what there is and ends the process.
 *
 * @throws {CommandError} naming an unknown or malformed option
 */
export function readArguments<const Given extends Options>(
  usage: string,
  options: Given,
): { values: Values<Given>; positionals: string[] } {
  const help = { help: { type: "boolean", description: "print this" } } as const;
  const all: Options = { ...options, ...help };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      options: Object.fromEntries(Object.entries(all).map(([name, { type }]) => [name, { type }])),
      allowPositionals: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with a dash, which no command here takes.
    const reason = message.replace(/\. To specify a positional argument.*/s, ".");
    throw new CommandError(`${reason}\n\n${usage}`);
  }
  if (parsed.values.help) {
    const lines = Object.entries(all).map(
      ([name, { description }]) => `  --${name.padEnd(10)} ${description}`,
    );
    console.log(`${usage}\n\n${lines.join("\n")}`);
    process.exit(0);
  }
  const values = Object.fromEntries(
    Object.entries(all).map(([name, { type }]) => [
      name,
      type === "boolean" ? parsed.values[name] === true : parsed.values[name],
    ]),
  );
  return { values: values as Values<Given>, positionals: parsed.positionals };
}

/**
 * A port number of the command line.
 *
 * @throws {CommandError} where `text` is none
 */
export function readPort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new CommandError(
      `--${option} takes a port from 0 to 65535 (0: any free one), not ${text}`,
    );
  }
  return port;
}

/** Runs a command; a failure is one message and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (process.env.DEBUG && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  } finally {
    // An open channel to whoever started this process would keep it from ending.
    if (process.connected) process.disconnect();
  }
}
