import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readAppFiles } from "./app-files.ts";
import type { ProgrammingModel } from "./core-types.ts";
import { writeLog } from "./logging.ts";
import { StartFailure } from "./messages.ts";
import { finishStartup, getProgrammingModel, runTerminateHooks } from "./registrations.ts";
import { type HttpRoute, httpRoutes } from "./routes.ts";
import { startStreamProxy } from "./stream-proxy.ts";
import { type TimerFunction, timerFunctions } from "./timers.ts";

/** An app that is ready to be invoked. */
export interface LoadedApp {
  readonly model: ProgrammingModel;
  readonly routes: readonly HttpRoute[];
  readonly timers: readonly TimerFunction[];
  readonly streamProxyPort: number;
  readonly functionTimeoutMilliseconds: number;
  /** Runs the app's `appTerminate` hooks. */
  terminate(): Promise<void>;
}

/**
 * Loads the app at `directory` into this process, as the Functions worker does: it makes the app's
 * root the working directory, runs the entry file and then ends the setup.
 *
 * @throws {StartFailure} when the app cannot be run
 */
export async function loadApp(directory: string): Promise<LoadedApp> {
  const files = readAppFiles(directory);
  process.chdir(directory);
  provideCoreApi();
  try {
    await import(pathToFileURL(join(directory, files.entryFile)).href);
  } catch (error) {
    throw new StartFailure(`The app's entry file ${files.entryFile} failed: ${messageOf(error)}`);
  }

  const model = getProgrammingModel();
  const registered = finishStartup();
  const timers = timerFunctions(registered);
  const byClock = new Set(timers.map(({ function: { metadata } }) => metadata.name));
  const { routes, skipped } = httpRoutes(
    registered.filter(({ metadata }) => !byClock.has(metadata.name)),
    files.routePrefix,
  );
  for (const { name, reason } of skipped) {
    writeLog("warning", "system", `The function "${name}" is skipped: ${reason}.`);
  }
  if (!model || routes.length === 0) {
    throw new StartFailure(
      `${files.entryFile} registered no HTTP function. Register one with app.http() of @azure/functions.`,
    );
  }
  return {
    model,
    routes,
    timers,
    streamProxyPort: await startStreamProxy(model),
    functionTimeoutMilliseconds: files.functionTimeoutMilliseconds,
    terminate: runTerminateHooks,
  };
}

/** The worker answers this module's name too: it exists nowhere on disk. */
function provideCoreApi(): void {
  const url = new URL("core-api.ts", import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === "@azure/functions-core"
        ? { url, format: "module-typescript", shortCircuit: true }
        : nextResolve(specifier, context),
  });
}

/** With the first place in the app, so that it can be found. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack
    ?.split("\n")
    .find((line) => /^(?:\s+at .*|file:.*):\d+/.test(line) && !line.includes("node:"));
  return place ? `${error.message}\n${place}` : error.message;
}
