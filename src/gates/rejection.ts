import { type Answer, jsonAnswer, type SignInChallenge } from "../core/endpoint.ts";
import { metadataUrl, type ProtectedResource } from "./protected-resource-metadata.ts";
import type { TokenRejection } from "./token-rejection.ts";

type HostOrOriginRejection =
  | { readonly kind: "foreign-host"; readonly got: string }
  | { readonly kind: "foreign-origin"; readonly got: string };

interface HeaderRejection {
  readonly kind: "headers-too-large";
  readonly got: number;
  readonly limit: number;
}

/** Why a body is given up. */
export type BodyRejection =
  | { readonly kind: "body-too-large"; readonly limit: number }
  | { readonly kind: "body-in-pieces"; readonly limit: number }
  | { readonly kind: "body-stalled" }
  | { readonly kind: "body-unreadable" }
  | { readonly kind: "json-too-deep"; readonly limit: number }
  | {
      readonly kind: "json-too-many-values";
      readonly of: "message" | "batch";
      readonly limit: number;
    }
  | { readonly kind: "id-too-long"; readonly limit: number }
  | { readonly kind: "repeated-id" }
  | { readonly kind: "too-many-messages"; readonly got: number; readonly limit: number };

interface RateLimitRejection {
  readonly kind: "caller-rate-limited" | "address-rate-limited";
  readonly retryAfterSeconds: number;
}

/** Why a gate other than the token's refused a request. */
export type GateRejection =
  | HostOrOriginRejection
  | HeaderRejection
  | BodyRejection
  | RateLimitRejection
  /** `allow` lists the methods that are served (RFC 9110 section 10.2.1). */
  | { readonly kind: "method-not-allowed"; readonly allow: string }
  /** A body of another type than the endpoint reads. */
  | { readonly kind: "wrong-media-type"; readonly got: string; readonly expected: string }
  /**
   * The platform takes request headers from a query or body member of that name, if there is one,
   * in place of the real ones.
   */
  | { readonly kind: "headers-overridden" }
  /** The caller has as many requests under way, and waiting, as one caller may. */
  | { readonly kind: "caller-too-busy"; readonly queue: "full" | "too-long" };

export type Rejection = TokenRejection | GateRejection;

/**
 * The plain answer to a refused request: a status, and words for whoever wrote the client. Which check
 * of the credentials failed stands in the log alone, so that the answers tell an attacker nothing.
 */
export function answerTo(
  rejection: Rejection | SignInChallenge,
  resource: ProtectedResource,
): Answer {
  switch (rejection.kind) {
    case "missing-credentials":
      return challenge(resource, 401, undefined, "Sign in to use this server.");

    case "unsupported-scheme":
    case "several-credentials":
    case "malformed-credentials":
    case "malformed-token":
    case "encrypted-token":
    case "unsupported-algorithm":
    case "unsupported-type":
    case "unsupported-critical-header":
    case "missing-key-id":
    case "unknown-key":
    case "bad-signature":
    case "version-1-token":
    case "wrong-version":
    case "wrong-issuer":
    case "wrong-audience":
    case "wrong-tenant":
    case "missing-claim":
    case "malformed-claim":
    case "expired":
    case "sender-constrained":
    case "grant-ended":
    case "sign-in-ended":
      return challenge(
        resource,
        401,
        "invalid_token",
        "The access token is not valid for this server. Sign in again.",
      );

    case "app-only":
    case "no-delegated-scope":
    case "missing-scope":
      return challenge(
        resource,
        403,
        "insufficient_scope",
        "The access token lacks the delegated scope that this server needs.",
      );

    case "claims-challenge":
      return challenge(
        resource,
        401,
        "insufficient_claims",
        "A further sign-in step is needed.",
        claimsParameters(rejection.claims, resource),
      );

    // No challenge: signing in again would not help.
    case "client-not-allowed":
    case "gateway-token":
      return refusal(403, "access_denied", "This client application may not use this server.");
    case "agent-user":
      return refusal(403, "access_denied", "An agent's own user account may not use this server.");
    // Nor here: with a clock that is behind, the next token would be from the future too.
    case "not-yet-valid":
    case "issued-in-the-future":
      return uncheckable(Math.min(Math.ceil(rejection.secondsAhead), 60));
    case "key-set-unavailable":
    case "grant-unavailable":
      return uncheckable(rejection.retryAfterSeconds);

    case "foreign-host":
      return refusal(403, "forbidden", "This server does not answer under that host name.");
    case "foreign-origin":
      return refusal(403, "forbidden", "This origin may not call this server.");
    case "method-not-allowed":
      return refusal(405, "method_not_allowed", "This method is not served here.", {
        allow: rejection.allow,
      });
    case "wrong-media-type":
      return refusal(400, "invalid_request", `The body must be ${rejection.expected}.`);
    case "headers-overridden":
      return refusal(400, "invalid_request", "The request has a member that it must not have.");
    // No challenge: the next token would be as large.
    case "token-too-large":
    case "headers-too-large":
      return refusal(
        431,
        "headers_too_large",
        "The request's headers are too large. An access token with many group claims makes them so.",
      );
    case "body-too-large":
      return refusal(413, "body_too_large", `The body must have at most ${rejection.limit} bytes.`);
    case "body-in-pieces":
      return refusal(400, "invalid_request", "The body arrives in too many small pieces.");
    case "body-stalled":
      return refusal(408, "request_timeout", "The body did not arrive in time.");
    case "body-unreadable":
      return refusal(400, "invalid_request", "The body could not be read.");
    case "json-too-deep":
      return refusal(
        400,
        "invalid_request",
        `The JSON must be nested at most ${rejection.limit} deep.`,
      );
    case "json-too-many-values":
      return refusal(
        400,
        "invalid_request",
        `A ${rejection.of} must have at most ${rejection.limit} JSON values.`,
      );
    case "id-too-long":
      return refusal(
        400,
        "invalid_request",
        `The id of a message must have at most ${rejection.limit} characters.`,
      );
    case "repeated-id":
      return refusal(400, "invalid_request", "The requests of a batch must have different ids.");
    case "too-many-messages":
      return refusal(
        400,
        "invalid_request",
        `A batch must have at most ${rejection.limit} messages.`,
      );
    case "caller-rate-limited":
    case "address-rate-limited":
      return refusal(429, "rate_limited", "Too many requests. Wait as long as Retry-After says.", {
        "retry-after": String(rejection.retryAfterSeconds),
      });
    case "caller-too-busy":
      return refusal(429, "rate_limited", "Too many requests at the same time.", {
        "retry-after": "1",
      });
  }
}

/** The request's time was up before it was answered. */
export const timeoutAnswer = refusal(
  504,
  "timeout",
  "The request was not answered in time. What it asked for may have been done: look before you repeat it.",
);

/** Something went wrong that should not have. */
export const serverErrorAnswer = refusal(500, "server_error", "The request could not be served.");

/** The settings are wrong; the log says which. */
export const unconfiguredAnswer = refusal(
  503,
  "temporarily_unavailable",
  "This server is not configured. Its log says which settings it needs.",
);

function uncheckable(retryAfterSeconds: number): Answer {
  return refusal(
    503,
    "temporarily_unavailable",
    "Access tokens cannot be checked right now. Try again shortly.",
    { "retry-after": String(retryAfterSeconds) },
  );
}

function refusal(
  status: number,
  error: string,
  description: string,
  headers?: Readonly<Record<string, string>>,
): Answer {
  return jsonAnswer(status, { error, error_description: description }, headers);
}

/**
 * Challenges: RFC 6750 section 3, with `resource_metadata` of RFC 9728 section 5.1. The scope is
 * the qualified one, since clients ask the authority for exactly what they read here.
 */
function challenge(
  resource: ProtectedResource,
  status: 401 | 403,
  error: string | undefined,
  description: string,
  further: readonly string[] = [],
): Answer {
  const parameters = [
    ...further,
    ...(error ? [`error="${error}"`, `error_description="${description}"`] : []),
    `resource_metadata="${metadataUrl(resource.url)}"`,
    `scope="${resource.scope}"`,
  ];
  return refusal(status, error ?? "unauthorized", description, {
    "www-authenticate": `Bearer ${parameters.join(", ")}`,
  });
}

/**
 * What the caller's client needs to have the person fulfil `claims`. Only for callers whose token says
 * that their client can.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-challenge-header-format
 */
function claimsParameters(claims: string, resource: ProtectedResource): readonly string[] {
  const encoded = Buffer.from(claims, "utf8").toString("base64");
  return [`authorization_uri="${resource.authorizationUri}"`, `claims="${encoded}"`];
}
