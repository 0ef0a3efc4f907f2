import type { HeaderRejection } from "./header-limits.ts";
import type { HostOrOriginRejection } from "./host-and-origin.ts";
import type { RateLimitRejection } from "./rate-limits.ts";
import type { BodyRejection } from "./request-body.ts";

/** Why a gate other than the token's refused a request. */
export type GateRejection =
  | HostOrOriginRejection
  | HeaderRejection
  | BodyRejection
  | RateLimitRejection
  | { readonly kind: "method-not-allowed" }
  /**
   * The platform takes request headers from a query or body member of that name, if there is one,
   * in place of the real ones.
   */
  | { readonly kind: "headers-overridden" }
  /** The caller has as many requests under way, and waiting, as one caller may. */
  | { readonly kind: "caller-too-busy"; readonly queue: "full" | "too-long" };

/** The plain answer: a status, and words for whoever wrote the client. */
export function gateResponse(rejection: GateRejection): Response {
  switch (rejection.kind) {
    case "foreign-host":
      return answer(403, "forbidden", "This server does not answer under that host name.");
    case "foreign-origin":
      return answer(403, "forbidden", "This origin may not call this server.");
    case "method-not-allowed":
      return answer(405, "method_not_allowed", "Only POST is served here.", {
        allow: "POST, OPTIONS",
      });
    case "headers-overridden":
      return answer(400, "invalid_request", "The request has a member that it must not have.");
    case "headers-too-large":
      return answer(431, "headers_too_large", "The request's headers are too large.");
    case "body-too-large":
      return answer(413, "body_too_large", `The body must have at most ${rejection.limit} bytes.`);
    case "body-in-pieces":
      return answer(400, "invalid_request", "The body arrives in too many small pieces.");
    case "body-stalled":
      return answer(408, "request_timeout", "The body did not arrive in time.");
    case "body-unreadable":
      return answer(400, "invalid_request", "The body could not be read.");
    case "json-too-deep":
      return answer(
        400,
        "invalid_request",
        `The JSON must be nested at most ${rejection.limit} deep.`,
      );
    case "json-too-many-values":
      return answer(
        400,
        "invalid_request",
        `The JSON must have at most ${rejection.limit} values.`,
      );
    case "too-many-messages":
      return answer(
        400,
        "invalid_request",
        `A batch must have at most ${rejection.limit} messages.`,
      );
    case "caller-rate-limited":
    case "address-rate-limited":
      return answer(429, "rate_limited", "Too many requests. Wait as long as Retry-After says.", {
        "retry-after": String(rejection.retryAfterSeconds),
      });
    case "caller-too-busy":
      return answer(429, "rate_limited", "Too many requests at the same time.", {
        "retry-after": "1",
      });
  }
}

function answer(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(
    { error, error_description: description },
    { status, headers: { "cache-control": "no-store", ...headers } },
  );
}
