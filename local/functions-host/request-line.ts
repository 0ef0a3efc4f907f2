import type { IncomingMessage } from "node:http";
import { headerPairs, joinHeaders, namesOneHost } from "./headers.ts";

/** Kestrel's own limit. */
const maximumHeaders = 100;
/** The host's limit for a body (`DefaultMaxRequestBodySize`), in bytes. */
export const maximumBodyBytes = 104_857_600;

/** The target as a URL; undefined where it names no path. */
export function requestTarget({ url = "" }: IncomingMessage): URL | undefined {
  const target = URL.parse(url.startsWith("/") ? `http://localhost${url}` : url);
  return target?.protocol === "http:" || target?.protocol === "https:" ? target : undefined;
}

/** With what the real host's server refuses a request before any function is looked for. */
export function refusedStatus(request: IncomingMessage): number | undefined {
  if ([...headerPairs(request.rawHeaders)].length > maximumHeaders) return 431;
  const host = joinHeaders(request.rawHeaders).get("host");
  if (host === "") return 500;
  if (!namesOneHost(host)) return 400;
  // A target that names an authority has to name that of the header.
  if (!request.url?.startsWith("/") && requestTarget(request)?.host !== host) return 400;
  return Number(request.headers["content-length"]) > maximumBodyBytes ? 500 : undefined;
}
