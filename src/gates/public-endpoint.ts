import { type Answer, type Endpoint, jsonAnswer } from "../core/endpoint.ts";
import { wholeResponse } from "./way-out.ts";

const sharing = { "access-control-allow-origin": "*" };
const allow = "GET, HEAD, OPTIONS";

/** For a preflight of any page, whatever headers it wants to send. */
const preflightAnswer: Answer = {
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

const wrongMethodAnswer = jsonAnswer(
  405,
  { error: "method_not_allowed", error_description: "Only GET and HEAD are served here." },
  { ...sharing, allow },
);

/** Serves what anyone may read, from any page: to GET, to HEAD without the body, and preflights. */
export function publicEndpoint(read: Endpoint): Endpoint {
  return async (request, invocation) => {
    const { method } = request;
    if (method === "OPTIONS") return wholeResponse(preflightAnswer);
    if (method !== "GET" && method !== "HEAD") return wholeResponse(wrongMethodAnswer);
    const { status, headers, body } = await read(request, invocation);
    return new Response(method === "GET" ? body : null, {
      status,
      headers: { ...Object.fromEntries(headers), ...sharing },
    });
  };
}
