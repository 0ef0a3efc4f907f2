import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { runCommand } from "../support/stack.ts";

const { scripts } = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8"),
) as { scripts: Record<string, string> };

/** The commands for people, as `node FILE`. What azd runs is not for them. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file] = /^node (\S+\.ts)/.exec(script) ?? [];
  return file === undefined || name === "hook" ? [] : [{ name, file }];
});

describe.each(commands)("npm run $name", ({ file }) => {
  it(verifies("commands.help", "has --help"), async () => {
    const { code, stdout, stderr } = await runCommand(file, ["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: npm /m);
  });

  it(verifies("commands.unknown", "refuses what it does not know, in words"), async () => {
    const { code, stdout, stderr } = await runCommand(file, ["--no-such-option"]);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toContain("--no-such-option");
    expect(stderr).not.toContain("    at ");
  });
});

it.each([
  ["scripts/build.ts", ["now"], "What is now?"],
  ["scripts/fuzz.ts", ["abc"], "CASES takes a whole number from 1, not abc."],
  ["scripts/fuzz.ts", ["0"], "CASES takes a whole number from 1, not 0."],
  ["scripts/fuzz.ts", ["5", "seven"], "SEED takes a whole number from 0, not seven."],
  ["scripts/fuzz.ts", ["5", "7", "9"], "What is 9?"],
])(
  verifies("commands.unknown", "%s refuses the arguments %j, and does nothing"),
  async (file, args, words) => {
    const result = await runCommand(file, args);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain(words);
  },
);

it(verifies("commands.fuzz", "npm run fuzz runs as many cases as it is asked for"), async () => {
  const { code, stdout } = await runCommand("scripts/fuzz.ts", ["25", "7"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ cases: 25, seed: 7 });
});
