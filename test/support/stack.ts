import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { z } from "zod";
import { projectFolder } from "../../local/paths.ts";
import { readRecord } from "../../local/stack-record.ts";

const summarySchema = z.object({
  mcp: z.url(),
  gateway: z.url(),
  authority: z.url(),
  graph: z.url(),
  cosmos: z.url(),
  storage: z.url(),
  accounts: z.array(z.object({ username: z.string(), oid: z.guid(), admin: z.boolean() })),
});

/** What `npm start -- --json` prints. */
export type StackSummary = z.infer<typeof summarySchema>;

export interface RunningStack extends StackSummary {
  readonly port: string;
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** What the stack has printed on standard error: the logs of all parts. */
  logs(): string;
  /** Resolves when the logs contain `text`, which may arrive behind the answer they belong to. */
  logged(text: string): Promise<void>;
  /** The process of the MCP server. */
  serverProcessId(): Promise<number>;
  /**
   * Ends the stack, as Ctrl-C does with the signal given, or else as the end of whoever started it
   * does. Resolves with its exit code when all of it is gone.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that goes when the test file ends: `await using folder = await temporaryFolder()`. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "laptop-stack-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Copies what `npm start` needs of the project, without a build, into a folder. */
export async function copyProject(folder: string): Promise<void> {
  const parts = ["functions", "src", "local", "scripts"];
  const files = ["package.json", "host.json", "tsconfig.json"];
  for (const part of [...parts, ...files]) {
    await cp(join(projectFolder, part), join(folder, part), { recursive: true });
  }
  await symlink(join(projectFolder, "node_modules"), join(folder, "node_modules"), "junction");
}

/** Runs one of the project's commands as the npm script of the same name does, and waits for it. */
export async function runCommand(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CommandResult> {
  const child = startCommand(script, args, env);
  const [code, stdout, stderr] = await Promise.all([
    new Promise<number | null>((resolve) => child.once("exit", resolve)),
    collect(child.stdout),
    collect(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/**
 * Starts the laptop stack over the build that `npm test` has made.
 *
 * @param options.port 0, a free one, unless given
 */
export async function startStack(
  folder: string,
  {
    port = "0",
    env = process.env,
    options = [],
  }: { port?: string; env?: NodeJS.ProcessEnv; options?: readonly string[] } = {},
): Promise<RunningStack> {
  const args = ["--json", "--log", "json", "--port", port, "--data", folder, ...options];
  const child = startCommand("local/start.ts", args, env);
  let logs = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    logs += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const line = await Promise.race([
    firstLine(child.stdout),
    exited.then((code) => {
      throw new Error(`The stack ended with exit code ${code}:\n${logs}`);
    }),
  ]);
  const summary = summarySchema.parse(JSON.parse(line));
  return {
    ...summary,
    port: new URL(summary.mcp).port,
    process: child,
    logs: () => logs,
    async logged(text) {
      while (!logs.includes(text)) await once(child.stderr, "data");
    },
    async serverProcessId() {
      const record = await readRecord(join(folder, "stacks", new URL(summary.mcp).port));
      if (!record?.serverProcessId) throw new Error("The stack has no record of its server.");
      return record.serverProcessId;
    },
    stop(signal) {
      // Windows knows no signals that a process could handle.
      if (signal && process.platform !== "win32") child.kill(signal);
      else if (child.connected) child.disconnect();
      return exited;
    },
  };
}

function startCommand(script: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [join(projectFolder, script), ...args], {
    cwd: projectFolder,
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  // Node's types know what is piped only where there is no further channel.
  return child as ChildProcessByStdio<null, Readable, Readable>;
}

async function collect(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return text;
}

async function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
  });
}
