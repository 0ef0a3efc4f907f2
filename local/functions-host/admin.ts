import type { IncomingMessage } from "node:http";
import { isAskedAsLoopback } from "../loopback.ts";
import type { Timers } from "./timers.ts";

const adminPath = /^\/admin\/functions\/([^/]+)\/?$/i;

/**
 * The real host's way to run a function by hand, for timers alone: `POST /admin/functions/NAME` with a
 * JSON body. Like Core Tools, and unlike the platform, it asks for no key.
 *
 * @returns the status to answer; undefined where the request is for a function of the app
 * @see https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
export function adminStatus(
  request: IncomingMessage,
  path: string,
  timers: Timers,
): number | undefined {
  if (!/^\/admin(?:\/|$)/i.test(path)) return undefined;
  const [, name] = adminPath.exec(path) ?? [];
  if (request.method !== "POST" || name === undefined) return 404;
  // A page in a browser on this machine cannot send this without asking first.
  const isJson = /^application\/json\b/i.test(request.headers["content-type"] ?? "");
  if (!isJson) return 415;
  if (!isAskedAsLoopback(request)) return 403;
  return timers.run(name) ? 202 : 404;
}
