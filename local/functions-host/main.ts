/**
 * Runs a Functions app on this machine without Core Tools:
 *
 *     node local/functions-host/main.ts --app DIRECTORY --port PORT
 *
 * It is a process of its own, because some settings (`NODE_EXTRA_CA_CERTS`) are read when a process
 * starts. It tells a parent with an IPC channel when it is ready or why it failed, and ends with it;
 * SIGINT and SIGTERM end it too.
 */
import type { Server } from "node:http";
import { resolve } from "node:path";
import { inspect, parseArgs } from "node:util";
import { type LoopbackServer, listenOnLoopback } from "../loopback.ts";
import { createHttpServer } from "./http-server.ts";
import { loadApp } from "./load-app.ts";
import { writeLog } from "./logging.ts";
import {
  type HostMessage,
  StartFailure,
  shutdownMilliseconds,
  workerRestartCode,
} from "./messages.ts";
import { startTimers } from "./timers.ts";

/** Until the app runs there is nothing to wait for. */
let finishWork = async () => {};
let isEnding = false;

async function run(): Promise<void> {
  const { app, port, stallMilliseconds } = readArguments();
  // As Core Tools do; the app's own check of whether it runs on a developer's machine.
  process.env.AZURE_FUNCTIONS_ENVIRONMENT ??= "Development";
  const loaded = await loadApp(app);
  const timers = startTimers({ ...loaded, onTimeout: restartWorker });
  const { server, stop } = createHttpServer({
    ...loaded,
    timers,
    stallMilliseconds,
    onTimeout: restartWorker,
  });
  const listening = await listen(server, port);
  finishWork = async () => {
    await Promise.all([stop(shutdownMilliseconds), timers.stop(shutdownMilliseconds)]);
    await loaded.terminate();
  };
  announce({ kind: "ready", port: listening.port });
}

function readArguments() {
  const { app, port, "stall-milliseconds": stall } = parseOptions();
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new StartFailure(`--port must be a number from 0 to 65535, not "${port}".`);
  }
  const stallMilliseconds = stall === undefined ? undefined : Number(stall);
  return { app: resolve(app), port: Number(port), stallMilliseconds };
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        app: { type: "string", default: "." },
        port: { type: "string", default: "7071" },
        "stall-milliseconds": { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new StartFailure(error instanceof Error ? error.message : String(error));
  }
}

async function listen(server: Server, port: number): Promise<LoopbackServer> {
  try {
    return await listenOnLoopback(server, { part: "The Functions host", port });
  } catch (error) {
    throw new StartFailure(error instanceof Error ? error.message : String(error));
  }
}

/** The real host ends the worker, and with it whatever else runs there, and starts a new one. */
function restartWorker(): void {
  writeLog(
    "error",
    "system",
    "A function has run longer than functionTimeout. The worker restarts.",
  );
  process.exit(workerRestartCode);
}

function announce(message: HostMessage): void {
  const hasFailed = message.kind === "failed";
  const done = () => {
    if (hasFailed) process.exit(1);
  };
  if (process.send) process.send(message, undefined, undefined, done);
  else if (hasFailed) process.stderr.write(`${message.message}\n`, done);
  else process.stdout.write(`The Functions host listens on port ${message.port}.\n`);
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  // The app's appTerminate hooks may hang.
  setTimeout(() => process.exit(1), shutdownMilliseconds + 2_000);
  try {
    await finishWork();
    process.exit(0);
  } catch (error) {
    writeLog("error", "system", `An appTerminate hook failed.\n${inspect(error)}`);
    process.exit(1);
  }
}

process.on("disconnect", end);
process.on("SIGINT", end);
process.on("SIGTERM", end);

try {
  await run();
} catch (error) {
  announce({
    kind: "failed",
    message: error instanceof StartFailure ? error.message : inspect(error),
  });
}
