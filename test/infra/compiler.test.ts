import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { mainTemplate, readFiles } from "./bicep/project.ts";

const root = join(import.meta.dirname, "..", "..");
const isThere = spawnSync("bicep", ["--version"]).status === 0;
const absent = "not run here: bicep is not on the PATH";
/** The compiler fetches the Graph extension from its registry the first time. */
const timeout = 120_000;

/** What the compiler says beside its result, line by line, and whether it ended well. */
function bicep(...args: readonly string[]): { status: number | null; diagnostics: string[] } {
  const { status, stdout, stderr } = spawnSync("bicep", args, { cwd: root, encoding: "utf8" });
  // A built template is JSON on one of the two streams; a diagnostic names its level behind its place.
  const lines = `${stderr}\n${stdout}`.split("\n");
  return { status, diagnostics: lines.filter((line) => /\) : (?:Warning|Error) /.test(line)) };
}

describe("the Bicep compiler", () => {
  it(
    verifies("infrastructure.compiles", "builds everything without a warning"),
    (context) => {
      context.skip(!isThere, absent);
      const result = bicep("build", mainTemplate, "--stdout");
      expect(result).toEqual({ status: 0, diagnostics: [] });
    },
    timeout,
  );

  it(
    verifies("infrastructure.compiles", "lints every template without a warning"),
    async (context) => {
      context.skip(!isThere, absent);
      const templates = [...(await readFiles()).keys()].filter((file) => file.endsWith(".bicep"));
      const results = templates.map((file) => ({ file, ...bicep("lint", file) }));
      expect(results).toEqual(templates.map((file) => ({ file, status: 0, diagnostics: [] })));
    },
    timeout,
  );
});
