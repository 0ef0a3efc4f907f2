import { type Endpoint, jsonAnswer } from "../core/endpoint.ts";
import { wholeResponse } from "./way-out.ts";

const sharing = { "access-control-allow-origin": "*" };

/** Serves what anyone may read, from any page: to GET, to HEAD without the body, and preflights. */
export function publicEndpoint(read: Endpoint): Endpoint {
  const served = sharedEndpoint(read, "GET, HEAD");
  return async (request, invocation) => {
    const { status, headers, body } = await served(request, invocation);
    return new Response(request.method === "HEAD" ? null : body, { status, headers });
  };
}

/**
 * Serves what any page may ask for and read, without a cookie: these methods, and preflights, whatever
 * headers the page wants to send.
 *
 * @param methods as the header `Allow` lists them
 */
export function sharedEndpoint(serve: Endpoint, methods: "GET, HEAD" | "POST"): Endpoint {
  const allow = `${methods}, OPTIONS`;
  const preflight = {
    status: 204,
    headers: {
      ...sharing,
      allow,
      "access-control-allow-methods": allow,
      "access-control-allow-headers": "*",
      "access-control-max-age": "600",
    },
    body: null,
  };
  const wrongMethod = jsonAnswer(
    405,
    { error: "method_not_allowed", error_description: `Served here: ${methods}.` },
    { ...sharing, allow },
  );
  return async (request, invocation) => {
    const { method } = request;
    if (method === "OPTIONS") return wholeResponse(preflight);
    if (!methods.split(", ").includes(method)) return wholeResponse(wrongMethod);
    const { status, headers, body } = await serve(request, invocation);
    return new Response(body, { status, headers: { ...Object.fromEntries(headers), ...sharing } });
  };
}
