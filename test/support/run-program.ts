import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface ProgramOptions {
  readonly cwd?: string;
  /** Beside what the tests' own environment has; `undefined` leaves a variable out. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads on standard input. */
  readonly input?: string;
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env, input }: ProgramOptions = {},
) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
  child.stdin.end(input);
  const [[code], stdout, stderr]: [[number | null], string, string] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/** Runs a script on the Node that runs the tests. */
export function runNode(script: string, args: readonly string[] = [], options?: ProgramOptions) {
  return runProgram(process.execPath, [script, ...args], options);
}
