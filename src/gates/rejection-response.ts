import { metadataUrl, type ProtectedResource } from "./protected-resource-metadata.ts";
import type { TokenRejection } from "./token-rejection.ts";

/**
 * The answer to a request whose credentials were not accepted. Deliberately plain: which check
 * failed stands in the log alone, so that the answers tell an attacker nothing.
 *
 * Challenges: RFC 6750 section 3, with `resource_metadata` of RFC 9728 section 5.1. The scope is
 * the qualified one, since clients ask the authority for exactly what they read here.
 */
export function rejectionResponse(
  rejection: TokenRejection,
  resource: ProtectedResource,
): Response {
  switch (rejection.kind) {
    case "missing-credentials":
      return challenge(resource, 401, undefined, "Sign in to use this server.");

    case "unsupported-scheme":
    case "several-credentials":
    case "malformed-credentials":
    case "token-too-large":
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
    case "not-yet-valid":
    case "issued-in-the-future":
    case "sender-constrained":
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

    // No challenge: signing in again would not help.
    case "client-not-allowed":
      return Response.json(
        {
          error: "access_denied",
          error_description: "This client application may not use this server.",
        },
        { status: 403, headers: { "cache-control": "no-store" } },
      );

    case "key-set-unavailable":
      return Response.json(
        {
          error: "temporarily_unavailable",
          error_description: "Access tokens cannot be checked right now. Try again shortly.",
        },
        {
          status: 503,
          headers: {
            "cache-control": "no-store",
            "retry-after": String(rejection.retryAfterSeconds),
          },
        },
      );
  }
}

/**
 * Asks the caller's client to have the person fulfil `claims` (a JSON document from the authority)
 * in a new sign-in. Only for callers whose token says that their client can.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-challenge-header-format
 */
export function claimsChallengeResponse(claims: string, resource: ProtectedResource): Response {
  const encoded = Buffer.from(claims, "utf8").toString("base64");
  return challenge(resource, 401, "insufficient_claims", "A further sign-in step is needed.", [
    `authorization_uri="${resource.authorizationUri}"`,
    `claims="${encoded}"`,
  ]);
}

function challenge(
  resource: ProtectedResource,
  status: 401 | 403,
  error: string | undefined,
  description: string,
  further: readonly string[] = [],
): Response {
  const parameters = [
    ...further,
    ...(error ? [`error="${error}"`, `error_description="${description}"`] : []),
    `resource_metadata="${metadataUrl(resource.url)}"`,
    `scope="${resource.scope}"`,
  ];
  return Response.json(
    { error: error ?? "unauthorized", error_description: description },
    {
      status,
      headers: {
        "cache-control": "no-store",
        "www-authenticate": `Bearer ${parameters.join(", ")}`,
      },
    },
  );
}
