/**
 * Why a request's credentials were not accepted. Each reason carries what was got and what was
 * expected, for the log; the wire edge turns all of them into a deliberately plain answer.
 */
export type TokenRejection =
  /** No `Authorization` header at all: RFC 6750 section 3 asks for a challenge without an error. */
  | { readonly kind: "missing-credentials" }
  /** The header is there, but it is not one `Bearer` credential (RFC 6750 section 2.1). */
  | { readonly kind: "unsupported-scheme" }
  | { readonly kind: "several-credentials" }
  | { readonly kind: "malformed-credentials" }
  | { readonly kind: "token-too-large"; readonly got: number; readonly limit: number }
  | { readonly kind: "malformed-token" }
  /** Five parts: a JWE. Entra encrypts tokens for its own resources only. */
  | { readonly kind: "encrypted-token" }
  | { readonly kind: "unsupported-algorithm"; readonly got: string; readonly expected: string }
  | { readonly kind: "unsupported-type"; readonly got: string; readonly expected: string }
  /** The header lists critical extensions (`crit`) that this server does not implement. */
  | { readonly kind: "unsupported-critical-header" }
  | { readonly kind: "missing-key-id" }
  | { readonly kind: "unknown-key"; readonly got: string }
  | { readonly kind: "bad-signature" }
  /** A v1.0 token: the API's registration lacks `requestedAccessTokenVersion: 2`. */
  | { readonly kind: "version-1-token" }
  | { readonly kind: "wrong-version"; readonly got: string; readonly expected: string }
  | { readonly kind: "wrong-issuer"; readonly got: string; readonly expected: string }
  | { readonly kind: "wrong-audience"; readonly got: string; readonly expected: string }
  | { readonly kind: "wrong-tenant"; readonly got: string; readonly expected: string }
  | { readonly kind: "missing-claim"; readonly claim: string }
  | { readonly kind: "malformed-claim"; readonly claim: string }
  | { readonly kind: "expired"; readonly secondsAgo: number }
  /** Right in issuer, audience and tenant, but from the future: this server's clock is behind. */
  | { readonly kind: "not-yet-valid"; readonly secondsAhead: number }
  | { readonly kind: "issued-in-the-future"; readonly secondsAhead: number }
  /** Bound to a key (`cnf`, RFC 7800): presenting it as a plain bearer token proves nothing. */
  | { readonly kind: "sender-constrained" }
  /** The application's own token (`idtyp` is `app`): nobody is signed in. */
  | { readonly kind: "app-only" }
  /** No `scp` at all, such as an id token or an application's token. */
  | { readonly kind: "no-delegated-scope"; readonly expected: string }
  | { readonly kind: "missing-scope"; readonly got: string; readonly expected: string }
  /** The client application (`azp`) is not among those that may call. */
  | { readonly kind: "client-not-allowed"; readonly got: string }
  /** Issued to the gateway's registration, which keeps its tokens: whoever presents one has taken it. */
  | { readonly kind: "gateway-token" }
  /** An AI agent's own user account (`xms_sub_fct` has 13), which would pass for a person. */
  | { readonly kind: "agent-user"; readonly got: string }
  /** Not the caller's fault: the authority's keys cannot be had, so nothing can be said. */
  | { readonly kind: "key-set-unavailable"; readonly retryAfterSeconds: number }
  /** The gateway's token is good, but what its person let its client do has ended. */
  | { readonly kind: "grant-ended" }
  /** Not the caller's fault: whether it has ended cannot be found out. */
  | { readonly kind: "grant-unavailable"; readonly retryAfterSeconds: number };
