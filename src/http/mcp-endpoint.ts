import type { TokenVerifier } from "../identity/token-verifier.ts";
import type { McpEndpoint } from "../mcp/server.ts";
import { readBearerToken } from "./bearer-token.ts";
import { isPreflight, preflightResponse, shareWithOrigin } from "./cors.ts";
import type { Endpoint } from "./endpoint.ts";
import { type AllowLists, checkHostAndOrigin, hostOrOriginResponse } from "./host-and-origin.ts";
import type { ProtectedResource } from "./protected-resource-metadata.ts";
import { rejectionResponse } from "./rejection-response.ts";

export interface McpGates {
  readonly allowed: AllowLists;
  readonly resource: ProtectedResource;
  readonly tokenVerifier: TokenVerifier;
  readonly serve: McpEndpoint;
}

/**
 * `/mcp`, the wire edge: the gates in their order, then the server. What is cheap and needs no
 * knowledge of the caller comes first; nothing behind the last gate runs without a caller.
 */
export function createMcpHttpEndpoint(gates: McpGates): Endpoint {
  const { allowed, resource, tokenVerifier, serve } = gates;

  return async (request, invocation) => {
    const { log } = invocation;
    const foreign = checkHostAndOrigin(request.headers, allowed);
    if (foreign) {
      log("warn", "request.refused", { reason: foreign.kind, got: foreign.got });
      return hostOrOriginResponse(foreign);
    }
    if (isPreflight(request)) return shareWithOrigin(request, preflightResponse(request));
    if (request.method !== "POST") return shareWithOrigin(request, methodNotAllowed());

    const token = readBearerToken(request.headers.get("authorization"));
    const caller = token.ok ? await tokenVerifier.verify(token.value) : token;
    if (!caller.ok) {
      const { kind, ...details } = caller.reason;
      log("warn", "token.rejected", { reason: kind, ...details });
      return shareWithOrigin(request, rejectionResponse(caller.reason, resource));
    }
    return shareWithOrigin(request, await serve(request, caller.value, invocation));
  };
}

/**
 * At once and without a token: a client that opens the older revisions' event stream with GET
 * would hang on anything else.
 */
function methodNotAllowed(): Response {
  return Response.json(
    { error: "method_not_allowed", error_description: "Only POST is served here." },
    { status: 405, headers: { allow: "POST, OPTIONS", "cache-control": "no-store" } },
  );
}
