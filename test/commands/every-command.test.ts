import { spawnSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readArguments } from "../../local/command-line.ts";
import { verifies } from "../requirements.ts";
import { runCommand, temporaryFolder } from "../support/stack.ts";

const root = join(import.meta.dirname, "..", "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The commands for people, as `node FILE`. What azd runs is not for them. */
const commands = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file] = / (\S+\.ts)/.exec(script) ?? [];
  return file === undefined || name === "hook" ? [] : [{ name, file }];
});

/** What --help has to say of options that take a value. */
const valuesOf: Readonly<Record<string, readonly string[]>> = {
  start: ["--port N", "--domain FOLDER", "--data FOLDER"],
  bench: ["--only NAME", "--seconds N", "--against FOLDER", "--compare FILE"],
};

describe.each(commands)("npm run $name", ({ name, file }) => {
  it(verifies("commands.help", "has --help, which names the values"), async () => {
    const { code, stdout, stderr } = await runCommand(file, ["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: npm /m);
    for (const option of valuesOf[name] ?? []) expect(stdout).toContain(`  ${option} `);
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
  ["scripts/check.ts", ["src"], "What is src?"],
  ["local/token.ts", ["user1", "user2"], "What is user2?"],
  ["scripts/new-tool.ts", ["get_one_thing", "get_two_things"], "What is get_two_things?"],
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

describe("where npm has kept an option", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const options = {
    port: { value: "N", description: "the port" },
    fresh: { description: "delete" },
    json: { description: "JSON" },
  };

  it.each([
    // As npm runs `npm start --port 7188`, and so on.
    [["7188"], { npm_config_port: "true" }, "npm start -- --port N"],
    [[], { npm_config_fresh: "true" }, "npm start -- --fresh"],
    // Which only an .npmrc may hold, or is given where it belongs too.
    [["now", "--fresh"], { npm_config_json: "true", npm_config_fresh: "true" }, "What is now?"],
  ])(verifies("commands.unknown", "a command refuses %j with %j: %s"), (args, kept, words) => {
    for (const [name, value] of Object.entries(kept)) vi.stubEnv(name, value);
    vi.spyOn(process, "argv", "get").mockReturnValue(["node", "start.ts", ...args]);
    expect(() => readArguments("Usage: npm start -- [options]", options)).toThrow(words);
  });
});

it(verifies("commands.fuzz", "npm run fuzz runs as many cases as it is asked for"), async () => {
  const { code, stdout } = await runCommand("scripts/fuzz.ts", ["25", "7"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ cases: 25, seed: 7 });
});

describe("an incomplete install", () => {
  const guard = "node -r ./scripts/check-install.cjs ";

  it(verifies("commands.incomplete", "is looked for by every npm script"), () => {
    const unguarded = Object.values(scripts).filter((script) => !script.startsWith(guard));
    expect(unguarded).toEqual([]);
  });

  it.each([
    // What a Node does that cannot read TypeScript.
    ["--no-strip-types", /^Node .*Run: npm rebuild node --ignore-scripts=false\n$/, root],
    ["--", /^Packages are missing .*Run: npm install --include=dev\n$/, undefined],
  ])(
    verifies("commands.incomplete", "is told in a sentence, with what brings the rest: node %s"),
    async (option, words, project) => {
      await using folder = await temporaryFolder();
      for (const file of ["package.json", "scripts/check-install.cjs"]) {
        cpSync(join(root, file), join(folder.path, file));
      }
      const [, ...args] = `${guard}local/start.ts`.split(" ");
      const cwd = project ?? folder.path;
      const options = option === "--" ? args : [option, ...args];
      const result = spawnSync(process.execPath, options, { cwd, encoding: "utf8" });
      expect(result).toMatchObject({ status: 1, stdout: "" });
      expect(result.stderr).toMatch(words);
    },
  );
});
