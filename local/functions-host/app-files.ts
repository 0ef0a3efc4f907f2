import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StartFailure } from "./messages.ts";

/** What the app's own files tell the host. */
export interface AppFiles {
  /** Relative to the app's root. */
  readonly entryFile: string;
  /** Put before every route; empty for none. */
  readonly routePrefix: string;
  /** After which the platform restarts the worker. */
  readonly functionTimeoutMilliseconds: number;
}

/**
 * Reads `main` of package.json, a file, and `extensions.http.routePrefix` and
 * `functionTimeout` of host.json (https://learn.microsoft.com/azure/azure-functions/functions-host-json).
 *
 * @throws {StartFailure} when one of the files is missing or unusable
 */
export function readAppFiles(appDirectory: string): AppFiles {
  const { main } = readJson(appDirectory, "package.json");
  if (typeof main !== "string" || main === "") {
    throw new StartFailure(
      `package.json in ${appDirectory} has no "main". Name the app's entry file there.`,
    );
  }
  if (!existsSync(join(appDirectory, main))) {
    throw new StartFailure(
      `There is no "${main}", which package.json names as "main", in ${appDirectory}. Build the app first, or correct "main".`,
    );
  }
  const host = readJson(appDirectory, "host.json");
  return {
    entryFile: main,
    routePrefix: routePrefixOf(host),
    functionTimeoutMilliseconds: timeoutOf(host),
  };
}

/** The longest that a timer takes, for the platform's -1: no limit. */
const longestMilliseconds = 2 ** 31 - 1;

/** Half an hour unless set, as on Flex Consumption. */
function timeoutOf({ functionTimeout = "00:30:00" }: Readonly<Record<string, unknown>>): number {
  if (String(functionTimeout) === "-1") return longestMilliseconds;
  const parts = /^(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)$/.exec(String(functionTimeout));
  if (!parts) {
    throw new StartFailure('"functionTimeout" in host.json must be a time such as "00:30:00".');
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const milliseconds = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  return Math.min(milliseconds, longestMilliseconds);
}

function routePrefixOf(host: Readonly<Record<string, unknown>>): string {
  const routePrefix = property(property(host.extensions, "http"), "routePrefix");
  if (routePrefix === undefined) return "api";
  if (typeof routePrefix !== "string") {
    throw new StartFailure('"extensions.http.routePrefix" in host.json must be a string.');
  }
  return routePrefix.replace(/^\/+|\/+$/g, "");
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function readJson(appDirectory: string, name: string): Record<string, unknown> {
  const file = join(appDirectory, name);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new StartFailure(
      `${file} is missing or cannot be read. A Functions app has package.json and host.json at its root.`,
    );
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null) return { ...content };
  } catch (error) {
    throw new StartFailure(`${file} is not valid JSON: ${String(error)}`);
  }
  throw new StartFailure(`${file} must hold a JSON object.`);
}
