import type { Result } from "../../core/result.ts";

/** What Entra gives the gateway for a person: both are for nobody else's eyes. */
export interface UpstreamTokens {
  /** For the API's scope, as clients of `/mcp` present it. Not verified yet. */
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Why Entra gave no tokens. `code` is its own, `AADSTS…`, for the log. */
export type UpstreamFailure =
  /** The person has to sign in again. `claims` is the JSON that this sign-in has to fulfil. */
  | { readonly kind: "refused"; readonly code?: string; readonly claims?: string }
  /** Out of reach, or throttled: the same request may succeed later. */
  | {
      readonly kind: "unavailable";
      readonly code?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The gateway's registration is not set up as it must be: signing in again does not help. */
  | { readonly kind: "misconfigured"; readonly code?: string };

export interface UpstreamSignIn {
  /** Comes back to `callback`, and nothing else binds the answer to the request. */
  readonly state: string;
  /** S256 (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
  /** The JSON that the sign-in has to fulfil, from a claims challenge. */
  readonly claims?: string | undefined;
  /** The person has to sign in now, however recently they have. */
  readonly isFresh?: boolean;
  /** Of whom the sign-in is known to be. */
  readonly loginHint?: string | undefined;
}

/**
 * Entra, as the gateway's own registration asks it: a confidential client that asks for the API's scope
 * by authorization code with PKCE. It is not the API's registration, which Entra would refuse to refresh
 * for (AADSTS90009).
 */
export interface Upstream {
  /** Where the browser goes to sign in. */
  authorizationUrl(signIn: UpstreamSignIn): string;
  redeemCode(
    code: string,
    codeVerifier: string,
    signal?: AbortSignal,
  ): Promise<Result<UpstreamTokens, UpstreamFailure>>;
  refresh(
    refreshToken: string,
    signal?: AbortSignal,
  ): Promise<Result<UpstreamTokens, UpstreamFailure>>;
}
