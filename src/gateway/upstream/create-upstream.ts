import { once } from "../../core/cache.ts";
import { isObject, parseJson } from "../../core/encoding.ts";
import type { Upstream, UpstreamSignIn } from "./upstream.ts";
import type { UpstreamRequestsOptions } from "./upstream-requests.ts";

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
