import { parseArgs } from "node:util";

/** An option and what `--help` says of it. One that has a `value`, in words for people, takes one. */
type Options = Readonly<Record<string, { readonly value?: string; readonly description: string }>>;

type Values<Given extends Options> = {
  readonly [Name in keyof Given]: Given[Name] extends { readonly value: string }
    ? string | undefined
    : boolean;
};

/** A mistake of the person at the keyboard, or of the machine: told in one message, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/**
 * Reads a command's arguments. `--help` prints what there is and ends the process.
 *
 * @param most how many arguments the command takes besides options
 * @throws {CommandError} naming an option that is unknown, malformed or kept by npm, or an argument too many
 */
export function readArguments<const Given extends Options>(
  usage: string,
  options: Given,
  most = 0,
): { values: Values<Given>; positionals: string[] } {
  const all: Options = { ...options, help: { description: "print this" } };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      options: Object.fromEntries(
        Object.entries(all).map(([name, { value }]) => [
          name,
          { type: value === undefined ? "boolean" : "string" },
        ]),
      ),
      allowPositionals: true,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node goes on about positional arguments that begin with a dash, which no command here takes.
    const reason = message.replace(/\. To specify a positional argument.*/s, ".");
    throw new CommandError(`${reason}\n\n${usage}`);
  }
  if (parsed.values.help) {
    const described = Object.entries(all).map(([name, { value = "", description }]) => ({
      option: `--${name} ${value}`.trimEnd(),
      description,
    }));
    const width = Math.max(...described.map(({ option }) => option.length));
    const lines = described.map(
      ({ option, description }) => `  ${option.padEnd(width)} ${description}`,
    );
    console.log(`${usage}\n\n${lines.join("\n")}`);
    process.exit(0);
  }
  // npm turns what stands before its -- into variables. json, an option of npm's too, may be of an .npmrc.
  const kept = Object.keys(options).find(
    (name) => name !== "json" && !parsed.values[name] && process.env[`npm_config_${name}`],
  );
  if (kept !== undefined) {
    const [command] = /npm (?:run )?[\w-]+/.exec(usage) ?? ["npm"];
    const option = `--${kept} ${options[kept]?.value ?? ""}`.trimEnd();
    throw new CommandError(
      `npm keeps options for itself unless they stand after --: ${command} -- ${option}`,
    );
  }
  const extra = parsed.positionals[most];
  if (extra !== undefined) throw new CommandError(`What is ${extra}? Try --help.`);
  const values = Object.fromEntries(
    Object.entries(all).map(([name, { value }]) => [
      name,
      value === undefined ? parsed.values[name] === true : parsed.values[name],
    ]),
  );
  return { values: values as Values<Given>, positionals: parsed.positionals };
}

/**
 * A port number of the command line, where one is given.
 *
 * @throws {CommandError} where `text` is none
 */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
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
  neverProxyLoopback(process.env);
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

/** Loopback as the libraries compare it: some with the brackets of a URL, some without. */
const loopback = ["localhost", "127.0.0.1", "::1", "[::1]"];

/**
 * Keeps what is for this machine from a proxy that the environment names, in this process and in
 * those that it starts. Node and the Azure SDKs read one spelling or the other, so both get all.
 */
export function neverProxyLoopback(env: NodeJS.ProcessEnv): void {
  const given = [env.no_proxy, env.NO_PROXY].flatMap((list) => list?.split(/[,\s]+/) ?? []);
  const list = [...new Set([...given, ...loopback])].filter((host) => host !== "").join(",");
  env.no_proxy = list;
  env.NO_PROXY = list;
}
