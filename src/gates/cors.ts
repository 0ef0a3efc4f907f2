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
];

/** Seconds a browser may keep a preflight's answer. */
const preflightMaxAge = 600;

export function isPreflight(request: Request): boolean {
  return request.method === "OPTIONS" && request.headers.has("access-control-request-method");
}

/** Answers a preflight, which carries no token, for an origin that has been checked. */
export function preflightResponse(request: Request): Response {
  const asked = request.headers.get("access-control-request-headers")?.split(",") ?? [];
  const parameterHeaders = asked
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[a-z0-9-]+$/i.test(name));
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": [...allowedRequestHeaders, ...parameterHeaders].join(", "),
      "access-control-max-age": String(preflightMaxAge),
    },
  });
}

/** Lets the page at the request's origin, which has been checked, read `response`. */
export function shareWithOrigin(request: Request, response: Response): Response {
  const headers = new Headers(response.headers);
  headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin !== null) {
    headers.set("access-control-allow-origin", origin);
    headers.set("access-control-expose-headers", exposedResponseHeaders.join(", "));
  }
  return new Response(response.body, { status: response.status, headers });
}
