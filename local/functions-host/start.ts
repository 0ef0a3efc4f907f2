import { fork } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { endChild, exitOf, type ProcessExit } from "../child-process.ts";
import { loopbackAddress } from "../loopback.ts";
import { type HostMessage, shutdownMilliseconds, workerRestartCode } from "./messages.ts";

export interface FunctionsHostOptions {
  /** The app's root, with host.json and package.json. */
  readonly appDirectory: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The whole environment of the host's process, nothing is added to it from ours. */
  readonly env: NodeJS.ProcessEnv;
  /** Told every line that the host and the app print, without its end. */
  readonly onLog: (line: string) => void;
  /** How long a request's body may send nothing; as on the real host unless given. */
  readonly stallMilliseconds?: number;
}

export interface FunctionsHost {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly processId: number | undefined;
  /** Lets running requests end, for a bounded time, and resolves when the process is gone. */
  close(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason, and all its lines are told. */
  readonly exited: Promise<ProcessExit>;
}

/**
 * Starts a Functions host in a process of its own and waits until it serves the app. Where the real
 * host would restart its worker, the process is replaced by a new one at the same port.
 *
 * @throws {Error} when it cannot; the message says why and is meant for the developer. No process
 * is left behind.
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  let current = await startProcess(options);
  const { port } = current;
  let isClosed = false;

  async function lastExit(): Promise<ProcessExit> {
    for (;;) {
      const exit = await current.exited;
      if (exit.code !== workerRestartCode || isClosed) return exit;
      try {
        current = await startProcess({ ...options, port });
      } catch (error) {
        options.onLog(error instanceof Error ? error.message : String(error));
        return exit;
      }
      if (isClosed) await current.close();
    }
  }

  const exited = lastExit();
  return {
    url: `http://${loopbackAddress}:${port}`,
    port,
    get processId() {
      return current.processId;
    },
    async close() {
      isClosed = true;
      await current.close();
      await exited;
    },
    exited,
  };
}

async function startProcess(options: FunctionsHostOptions) {
  const { appDirectory, port, env, onLog, stallMilliseconds } = options;
  const child = fork(
    fileURLToPath(new URL("main.ts", import.meta.url)),
    [
      ...["--app", appDirectory, "--port", String(port)],
      ...(stallMilliseconds ? ["--stall-milliseconds", String(stallMilliseconds)] : []),
    ],
    { env, execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  const exited = Promise.all([
    // Not `close`: that event does not come once we have disconnected.
    exitOf(child),
    tellLines(child.stdout, onLog),
    tellLines(child.stderr, onLog),
  ]).then(([exit]) => exit);
  const first = await Promise.race([
    new Promise<HostMessage>((resolve) => {
      child.once("message", (message) => resolve(message as HostMessage));
    }),
    new Promise<HostMessage>((resolve) => {
      child.once("error", ({ message }) => resolve({ kind: "failed", message }));
    }),
    exited.then(({ code, signal }): HostMessage => {
      const how = signal === null ? `exit code ${code}` : signal;
      return { kind: "failed", message: `The Functions host ended before it was ready (${how}).` };
    }),
  ]);
  if (first.kind === "failed") {
    if (child.pid !== undefined) await exited;
    throw new Error(first.message);
  }
  return {
    port: first.port,
    processId: child.pid,
    // It limits itself, unless its event loop is blocked.
    close: () => endChild(child, exited, shutdownMilliseconds + 5_000),
    exited,
  };
}

/**
 * Unlike `node:readline`, it ends a line at a line feed alone: JSON may hold other separators.
 * Resolves when the output has ended.
 */
async function tellLines(output: Readable | null, onLine: (line: string) => void): Promise<void> {
  if (!output) return;
  let rest = "";
  output.setEncoding("utf8");
  output.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.replace(/\r$/, ""));
  });
  await once(output, "close");
  if (rest !== "") onLine(rest);
}
