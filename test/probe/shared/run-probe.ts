import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const root = join(import.meta.dirname, "..", "..", "..");

/** Runs a program that looks from outside, as `npm run` does, and waits for its end. */
export async function runProbe(
  program: "authsuite" | "doctor",
  args: readonly string[],
  { input = "", env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const child = spawn(process.execPath, [join(root, "probe", program, "main.ts"), ...args], {
    env: { ...process.env, MCP_TOKEN: "", ...env },
  });
  child.stdin.end(input);
  const [code, stdout, stderr] = await Promise.all([
    new Promise<number | null>((resolve) => child.once("close", resolve)),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}
