import type { Requirements } from "./requirement.ts";

export const localAuthorityRequirements = {
  "RFC 8414 sections 3.1 and 5; OpenID Connect Discovery 1.0 section 4": {
    "authority.discovery":
      "The authority's discovery document is served at every path that MCP clients and MSAL try, and names endpoints that exist.",
  },
  "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens": {
    "authority.claims-mapping":
      "Started with a claims mapping, the authority signs the API's tokens with the registration's own key, and shows it only to those who ask for the keys of that application.",
  },
  "docs/local-authority.md, Two addresses; RFC 8414 section 3.3": {
    "authority.two-issuers":
      "Over http and over https the authority serves one key set under two issuers, each being the origin that was asked.",
  },
  "docs/local-authority.md": {
    "authority.loopback":
      "The authority accepts connections to localhost over IPv4 and IPv6, on loopback alone, and no request under another host name.",
  },
  "https://owasp.org/www-community/attacks/Log_Injection": {
    "authority.log":
      "What a stranger sends stands in the log cut, and without what acts on a terminal.",
  },
  "local/loopback.ts": {
    "authority.port-in-use":
      "An authority whose port is in use fails to start with one message that names the authority and the port.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reply-url#single-page-applications": {
    "authority.cross-origin":
      "Pages of other origins may call discovery, keys, token and registration, and nothing else: what they send there unseen is refused.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes": {
    "authority.other-tenant": "Another tenant's path is answered AADSTS90002.",
    "authority.error-body":
      "A refusal at the token endpoint has Entra's body, with the AADSTS code in words and in numbers and the client's own request id.",
    "authority.on-behalf-of.assertion":
      "The exchange refuses an assertion that is malformed, not signed by the authority, expired, or issued by or for somebody else, and an application's own (AADSTS7000114), each with its own code.",
    "authority.on-behalf-of.consent":
      "The exchange is refused with AADSTS65001 without consent and with AADSTS500011 for an unknown resource.",
  },
  "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference": {
    "authority.access-token":
      "A caller's access token has the issuer, audience, lifetime and claims of Entra's version 2.0, and verifies against the key set.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "authority.capabilities":
      "An access token says cp1 in xms_cc exactly when the client asked for it through claims.",
  },
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; RFC 6749 section 5.1":
    {
      "authority.token-response":
        "A token response has Entra's fields; a refresh token, an id token and client_info come only where they were asked for, and nothing may be cached.",
    },
  "RFC 6749 section 4.1.2.1": {
    "authority.error-pages":
      "A request whose client or redirect URI is not known good is refused on a page and never redirected.",
    "authority.cancel": "Cancel on the sign-in page is answered access_denied with AADSTS65004.",
  },
  "RFC 8252 section 7.3": {
    "authority.redirect-uri":
      "Redirect URIs are compared as strings, but for the port of a loopback one, which is ignored.",
  },
  "RFC 6749 section 4.1.2; RFC 9207": {
    "authority.authorization-response":
      "An authorization response, success or error, echoes the state and carries the issuer.",
  },
  "RFC 7636; RFC 9700 section 2.1.1": {
    "authority.pkce":
      "PKCE with S256 is required, plain is refused, and a wrong verifier is AADSTS501481.",
  },
  "https://learn.microsoft.com/entra/identity-platform/scopes-oidc": {
    "authority.scope":
      "A missing, malformed, unknown or unqualified scope is refused with Entra's code for it.",
  },
  "https://learn.microsoft.com/entra/agent-id/secure-mcp-server-with-entra-id; RFC 8707 section 2":
    {
      "authority.resource":
        "At sign-in, at redemption and at refresh, a resource must be an identifier URI, to the letter, of the registration that the scope belongs to; all else is AADSTS9010010.",
      "authority.resource.causes":
        "The client gets Entra's text of AADSTS9010010; the log names the cause: a URI that is not in the list, with the nearest one and what differs, a registration without version 2 tokens, or scope and resource of two registrations.",
    },
  "local/settings.ts": {
    "stack.identifier-uris":
      "The laptop's registration lists the server's URL under every name at which the server answers.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-app-manifest": {
    "authority.identifier-uris":
      "Each identifier URI of the registration may stand before the scope, and the answer names the scope with it.",
    "authority.version-1":
      "A registration that asks for version 1 gets tokens of version 1.0 with the identifier URI as audience, which the server refuses and names.",
  },
  "OpenID Connect Core 1.0 section 3.1.2.6": {
    "authority.silent":
      "A silent request (prompt=none) is answered login_required with AADSTS50058, since there is no session.",
  },
  "docs/local-authority.md, Signing in": {
    "authority.page":
      "The sign-in page names the server, the client, where one returns to, what is asked in words, and the three accounts with the administrator marked.",
    "authority.browser":
      "A person signs in, by mouse or keyboard, in a real browser, which then arrives at the client.",
    "sign-in.account":
      "A local account is signed in from the issuer alone, through discovery, registration and the page's form, and gets tokens that verify.",
    "sign-in.errors":
      "A sign-in that cannot be done says why: which accounts there are, how to start the stack, or what the authority refused.",
  },
  "https://owasp.org/www-community/attacks/xss/": {
    "authority.page.escaping":
      "Nothing that a client says about itself can become markup on a page.",
  },
  "https://www.w3.org/TR/CSP3/; RFC 9700 section 4.16": {
    "authority.page.policy":
      "The pages run no script, load nothing, cannot be framed, and may send their form to the authority and the client's redirect URI only.",
  },
  "RFC 9700 section 4.7": {
    "authority.page.single-use": "A sign-in page's form works once and for a quarter of an hour.",
  },
  "RFC 6749 sections 4.1.2 and 4.1.3": {
    "authority.code":
      "An authorization code works once, for ten minutes, and for the client and redirect URI that it was issued to.",
  },
  "https://learn.microsoft.com/entra/identity-platform/refresh-tokens": {
    "authority.refresh":
      "A refresh token gives new tokens and a new refresh token, to its own client only, for 90 days, and goes on working afterwards, as in Entra.",
  },
  "RFC 6749 section 2.3; RFC 7523 section 2.2": {
    "authority.client-authentication":
      "The API authenticates by secret or by federated assertion; public clients by their id alone; every other attempt has its own code.",
  },
  "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity":
    {
      "authority.federated-credential":
        "A client assertion is accepted only when the managed identity's token for the token exchange is presented, signed and within its lifetime.",
    },
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow": {
    "authority.on-behalf-of":
      "A caller's token is exchanged for one for Graph with the same person and the delegated permissions that the API has consent for.",
  },
  "docs/local-authority.md, Making things go wrong; https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide":
    {
      "authority.demand":
        "An account's exchanges can be made to fail, with a claims challenge until a token answers it or with any known code until reset, from code and over loopback, and not from a web page.",
      "authority.demand.refresh":
        "An account's refreshes can be made to fail in the same way, apart from its exchanges.",
    },
  "docs/local-authority.md, Making things go wrong": {
    "authority.outage": "The keys and the token endpoint can be made to answer 503.",
    "authority.revoke":
      "An account's sign-ins can be revoked: codes and refresh tokens from before are AADSTS50173, across restarts too, and a new sign-in works.",
    "authority.disable":
      "An account can be disabled: it gets no tokens and is not let in (AADSTS50057), until it is enabled.",
  },
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token":
    {
      "authority.confidential-client":
        "The gateway's registration gets tokens for the API's scope by authorization code and refresh token, with its own secret or the managed identity's assertion alone (else AADSTS7000218), and at its own callback.",
    },
  "local/authority/pages/start-page.ts": {
    "authority.start-page":
      "Whoever opens an address that `npm start` prints, of the authority or of the server, reads what it is and what to do next.",
  },
  "https://www.w3.org/TR/fetch-metadata/": {
    "authority.embedded":
      "A page that loads the sign-in page as an image, a script or a frame starts no sign-in.",
  },
  "RFC 7591 section 3; RFC 8252 section 7": {
    "authority.registration":
      "Any client can register itself as a public client with loopback, https or its own scheme's redirect URIs; others are refused by name.",
  },
  "docs/local-authority.md, Where it differs from Entra; RFC 7591 section 5": {
    "authority.registration.bounded":
      "Only so many registrations are kept: the one that was used least recently makes room. One that somebody signed in with never makes room for those that nobody did.",
  },
  "local/authority/state.ts": {
    "authority.persistence":
      "After a restart the signing key, registered clients and refresh tokens are still good; a state file that is not the authority's is named.",
  },
  "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html": {
    "authority.form-post":
      "With response_mode=form_post the authorization response, success or error, is a page that posts itself to the redirect URI and to nowhere else.",
  },
  "RFC 8628; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code": {
    "authority.device-code":
      "A public client gets a device code, somebody enters it on a page and picks an account, and the client's polls are answered with tokens or with Entra's code for why there are none.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes#aadsts-error-codes": {
    "authority.for-itself":
      "A registration that people sign in from and to may be asked for by its identifier URI at sign-in, and by its id alone at refresh (AADSTS90009).",
  },
  "https://github.com/AzureAD/microsoft-authentication-library-for-js": {
    "authority.msal.public-client":
      "MSAL's public client signs people in through the browser and by device code, with the resource named, refreshes silently, and hears why a sign-in failed.",
    "authority.msal":
      "MSAL exchanges tokens with the authority, by secret and by the managed identity's assertion, keeps users apart, and recognises a claims challenge.",
  },
  "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference":
    {
      "managed-identity.token":
        "The managed identity endpoint answers the App Service protocol with a token for the resource that was asked, with the issuer that the resource accepts.",
      "managed-identity.refusal":
        "The managed identity endpoint refuses a missing or wrong header, an unknown client id and other versions of the protocol.",
    },
} satisfies Requirements;
