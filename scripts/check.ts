/** `npm run check`: formats, fixes what can be fixed, and checks types. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";
import { typeChecks } from "./type-checks.ts";

const root = join(import.meta.dirname, "..");

const usage = `Usage: npm run check

Formats the source, fixes what can be fixed, and checks types.`;

const tools = [["node_modules/@biomejs/biome/bin/biome", "check", "--write"], ...typeChecks(root)];

await runCommand(async () => {
  readArguments(usage, {});
  for (const [script = "", ...args] of tools) {
    const run = spawnSync(process.execPath, [join(root, script), ...args], {
      cwd: root,
      stdio: "inherit",
    });
    if (run.status !== 0) throw new CommandError(`${script.split("/").at(-1)} found problems.`);
  }
});
