import { once } from "../../core/cache.ts";
import { isObject, parseJson } from "../../core/encoding.ts";
import type { UpstreamRequests, UpstreamRequestsOptions } from "./upstream-requests.ts";

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
export interface Upstream extends UpstreamRequests {
  /** Where the browser goes to sign in. */
  authorizationUrl(signIn: UpstreamSignIn): string;
}

export interface UpstreamOptions extends UpstreamRequestsOptions {
  /** `ENTRA_ISSUER`: where browsers find the authority; `authorityHost` is for the server's requests. */
  readonly issuer: string;
}

/** Entra as the gateway's own registration asks it. */
export function createUpstream(options: UpstreamOptions): Upstream {
  // MSAL is loaded when it is first needed, so that a cold start is shorter.
  const loadRequests = once(async () => {
    const { createUpstreamRequests } = await import("./upstream-requests.ts");
    return createUpstreamRequests(options);
  });

  return {
    authorizationUrl: (signIn) => authorizationUrl(options, signIn),
    redeemCode: async (...code) => (await loadRequests()).redeemCode(...code),
    refresh: async (...refreshToken) => (await loadRequests()).refresh(...refreshToken),
  };
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code */
function authorizationUrl(
  { issuer, clientId, redirectUri, scope }: UpstreamOptions,
  { state, codeChallenge, claims, isFresh = false, loginHint }: UpstreamSignIn,
): string {
  const url = new URL(issuer.replace(/\/v2\.0$/, "/oauth2/v2.0/authorize"));
  url.search = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    response_mode: "query",
    redirect_uri: redirectUri,
    scope: `${scope} offline_access openid profile`,
    state,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    claims: claimsParameter(claims),
    ...(isFresh ? { prompt: "login" } : {}),
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
  }).toString();
  return url.href;
}

/** What the server can handle, as MSAL says it at the token endpoint, beside what is demanded. */
function claimsParameter(demanded: string | undefined): string {
  const demand = parseJson(demanded ?? "{}");
  const { access_token: accessToken, ...others } = isObject(demand) ? demand : {};
  return JSON.stringify({
    ...others,
    access_token: {
      ...(isObject(accessToken) ? accessToken : {}),
      xms_cc: { values: ["CP1"] },
    },
  });
}
