import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { emulatorPorts } from "../../local/emulator-settings.ts";
import { freePorts } from "../../local/free-port.ts";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder, projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { type ToolResult, textOf } from "../support/clients.ts";
import { sample, type ToolCall } from "../support/domains.ts";
import { inspectorProgram } from "../support/inspector.ts";
import { sampleEnvironment } from "../support/sample-environment.ts";
import { copyProject, temporaryFolder } from "../support/stack.ts";

/** npm as it runs these tests, or the one on the path. */
const npm = process.env.npm_execpath?.endsWith(".js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npm"];

/** Starts a command in `folder`, and collects what it prints. */
function start(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32" && file === "npm",
  });
  const printed = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed.stderr += text;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  // A test that fails halfway leaves nothing running.
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  /** Resolves when standard output matches, and rejects where the command ends before. */
  async function untilPrinted(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(printed.stdout);
      if (match) return match;
      const over = await Promise.race([
        once(child.stdout, "data").then(() => false),
        ended.then(() => true),
      ]);
      if (over) throw new Error(`${command.join(" ")} ended:\n${printed.stdout}${printed.stderr}`);
    }
  }
  return { child, printed, ended, untilPrinted };
}

async function run(folder: string, command: readonly string[], env?: NodeJS.ProcessEnv) {
  const { printed, ended } = start(folder, command, env);
  const code = await ended;
  return { code, ...printed };
}

describe("a fresh copy", () => {
  it(verifies(
    "start.two-commands",
    "builds, starts and serves three people by the README's commands",
  ), async () => {
    await using folder = await temporaryFolder();
    const copy = join(folder.path, "copy");
    await copyProject(copy);

    const stack = start(copy, [...npm, "start", "--", "--json", "--port", "0"]);
    const [line] = await stack.untilPrinted(/^\{.*\}$/m);
    const { mcp } = JSON.parse(line) as { mcp: string };
    const port = new URL(mcp).port;

    const tokens = new Map<string, Promise<string>>();
    const newToken = async (account: string) => {
      const { stdout } = await run(copy, [
        ...npm,
        "run",
        "--silent",
        "token",
        "--",
        account,
        "--stack",
        port,
      ]);
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      return stdout.trim();
    };
    const tokenOf = (account: string) => {
      const token = tokens.get(account) ?? newToken(account);
      tokens.set(account, token);
      return token;
    };
    const inspect = async (account: string, ...args: string[]) => {
      const header = `Authorization: Bearer ${await tokenOf(account)}`;
      const command = [
        process.execPath,
        inspectorProgram,
        "--cli",
        mcp,
        ...args,
        "--header",
        header,
      ];
      return (await run(copy, command, { HOME: folder.path })).stdout;
    };
    const call = async (account: string, { name, arguments: toolArguments }: ToolCall) => {
      const given = Object.entries(toolArguments).map(([field, value]) => `${field}=${value}`);
      const printed = await inspect(
        account,
        ...["--method", "tools/call", "--tool-name", name],
        ...(given.length > 0 ? ["--tool-arg", ...given] : []),
      );
      return JSON.parse(printed) as ToolResult;
    };
    const { store, list, nothing, administrative } = sample;
    expect(textOf(await call("user1@contoso.example", store("Lunch")))).toContain("Lunch");
    expect(textOf(await call("user1@contoso.example", list))).toContain("Lunch");
    expect(textOf(await call("user2@contoso.example", list))).toContain(nothing);
    const everyones = await call("admin@contoso.example", administrative);
    expect(everyones.structuredContent).toEqual(administrative.ofOne);
    expect(await inspect("user2@contoso.example", "--method", "tools/list")).not.toContain(
      administrative.name,
    );

    stack.child.kill("SIGTERM");
    await stack.ended;
    await expect(fetch(mcp)).rejects.toThrow();
  }, 120_000);
});

describe("npm run emulators", () => {
  it(
    verifies("start.emulators", "serves the built application by the sample's settings, unchanged"),
    async (context) => {
      // They may well be running beside the tests, and the ports are fixed.
      const free = Object.values(await freePorts(emulatorPorts));
      const taken = Object.values(emulatorPorts).filter((port) => !free.includes(port));
      context.skip(taken.length > 0, `in use: port ${taken.join(", ")}`);
      await using folder = await temporaryFolder();
      const emulators = start(projectFolder, [
        process.execPath,
        "local/emulators.ts",
        "--data",
        folder.path,
      ]);
      await emulators.untilPrinted(/Ctrl-C ends all of it/);
      const host = await startFunctionsHost({
        appDirectory: applicationFolder,
        port: 0,
        env: sampleEnvironment(join(folder.path, "ca.pem")),
        onLog: () => {},
      });
      try {
        const ready = await fetch(`${host.url}/health/ready`);
        expect([ready.status, await ready.json()]).toEqual([
          200,
          {
            status: "ready",
            dependencies: { entra: "ok", cosmos: "ok", storage: "ok", gateway: "ok" },
          },
        ]);
      } finally {
        await host.close();
        emulators.child.kill("SIGTERM");
        await emulators.ended;
      }
    },
  );
});
