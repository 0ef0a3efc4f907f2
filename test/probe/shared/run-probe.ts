import { join } from "node:path";
import { type ProgramOptions, runNode } from "../../support/run-program.ts";

export const root = join(import.meta.dirname, "..", "..", "..");

/** Runs a program that looks from outside, as `npm run` does, and waits for its end. */
export function runProbe(
  program: "authsuite" | "doctor",
  args: readonly string[],
  { input, env }: ProgramOptions = {},
) {
  const options = { input, env: { MCP_TOKEN: "", ...env } };
  return runNode(join(root, "probe", program, "main.ts"), args, options);
}
