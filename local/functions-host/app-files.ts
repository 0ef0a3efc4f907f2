import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StartFailure } from "./messages.ts";

/** What the app's own files tell the host. */
export interface AppFiles {
  /** Relative to the app's root, in the order in which they are loaded. */
  readonly entryFiles: readonly string[];
  /** Put before every route; empty for none. */
  readonly routePrefix: string;
}

/**
 * Reads `main` of package.json, a file or a glob pattern, and `extensions.http.routePrefix` of
 * host.json (https://learn.microsoft.com/azure/azure-functions/functions-host-json).
 *
 * @throws {StartFailure} when one of the files is missing or unusable
 */
export function readAppFiles(appDirectory: string): AppFiles {
  const { main } = readJson(appDirectory, "package.json");
  if (typeof main !== "string" || main === "") {
    throw new StartFailure(
      `package.json in ${appDirectory} has no "main". Name the app's entry file there, or a pattern such as "dist/functions/*.js".`,
    );
  }
  const entryFiles = globSync(main, { cwd: appDirectory }).sort();
  if (entryFiles.length === 0) {
    throw new StartFailure(
      `No file matches "main" of package.json, "${main}", in ${appDirectory}. Build the app first, or correct "main".`,
    );
  }
  return { entryFiles, routePrefix: routePrefixOf(readJson(appDirectory, "host.json")) };
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
