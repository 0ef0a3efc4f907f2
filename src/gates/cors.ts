import type { Gate } from "./gate.ts";

/**
 * Cross-origin resource sharing (https://fetch.spec.whatwg.org/#http-cors-protocol), in code
 * alone: the platform's own setting would answer preflights before the code sees them, and cannot
 * expose `WWW-Authenticate`, without which a browser client never learns where to sign in.
 */
const allowedRequestHeaders = [
  "Authorization",
  "Content-Type",
  "Accept",
  "MCP-Protocol-Version",
  "Mcp-Method",
  "Mcp-Name",
  "Mcp-Session-Id",
  "Last-Event-ID",
  "traceparent",
  "tracestate",
];

const exposedResponseHeaders = [
  "WWW-Authenticate",
  "Mcp-Session-Id",
  "MCP-Protocol-Version",
  "Retry-After",
].join(", ");

/** Seconds a browser may keep a preflight's answer. */
const preflightMaxAge = 600;

/** Answers a preflight, which carries no token, for an origin that has been checked. */
export const preflight: Gate = {
  name: "preflight",
  pass({ request: { method, headers } }) {
    if (method !== "OPTIONS" || !headers.has("access-control-request-method")) return undefined;
    const asked = headers.get("access-control-request-headers")?.split(",") ?? [];
    const parameterHeaders = asked
      .map((name) => name.trim())
      .filter((name) => /^mcp-param-[a-z0-9-]+$/i.test(name));
    return {
      answered: {
        status: 204,
        headers: {
          "access-control-allow-methods": "POST",
          "access-control-allow-headers": [...allowedRequestHeaders, ...parameterHeaders].join(
            ", ",
          ),
          "access-control-max-age": String(preflightMaxAge),
        },
        body: null,
      },
    };
  },
};

/**
 * Headers that let the page at `origin`, which has been checked, read an answer; none where it is not
 * known yet whether it may.
 */
export function sharingHeaders(
  origin: string | null | undefined,
): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  if (origin === null) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": exposedResponseHeaders,
  };
}
