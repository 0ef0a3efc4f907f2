import type { Requirement } from "./requirement.ts";

export const localAuthorityRequirements = [
  {
    id: "authority.discovery",
    what: "The authority's discovery document is served at every path that MCP clients and MSAL try, and names endpoints that exist.",
    source: "RFC 8414 sections 3.1 and 5; OpenID Connect Discovery 1.0 section 4",
  },
  {
    id: "authority.claims-mapping",
    what: "Started with a claims mapping, the authority signs the API's tokens with the registration's own key, and shows it only to those who ask for the keys of that application.",
    source: "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens",
  },
  {
    id: "authority.two-issuers",
    what: "Over http and over https the authority serves one key set under two issuers, each being the origin that was asked.",
    source: "docs/local-authority.md, Two addresses; RFC 8414 section 3.3",
  },
  {
    id: "authority.loopback",
    what: "The authority accepts connections to localhost over IPv4 and IPv6, on loopback alone, and no request under another host name.",
    source: "docs/local-authority.md",
  },
  {
    id: "authority.port-in-use",
    what: "An authority whose port is in use fails to start with one message that names the authority and the port.",
    source: "local/loopback.ts",
  },
  {
    id: "authority.cross-origin",
    what: "Pages of other origins may call discovery, keys, token and registration, and nothing else.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/reply-url#single-page-applications",
  },
  {
    id: "authority.other-tenant",
    what: "Another tenant's path is answered AADSTS90002.",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
  },
  {
    id: "authority.access-token",
    what: "A caller's access token has the issuer, audience, lifetime and claims of Entra's version 2.0, and verifies against the key set.",
    source: "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference",
  },
  {
    id: "authority.capabilities",
    what: "An access token says cp1 in xms_cc exactly when the client asked for it through claims.",
    source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
  },
  {
    id: "authority.token-response",
    what: "A token response has Entra's fields; a refresh token, an id token and client_info come only where they were asked for, and nothing may be cached.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; RFC 6749 section 5.1",
  },
  {
    id: "authority.error-body",
    what: "A refusal at the token endpoint has Entra's body, with the AADSTS code in words and in numbers and the client's own request id.",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
  },
  {
    id: "authority.error-pages",
    what: "A request whose client or redirect URI is not known good is refused on a page and never redirected.",
    source: "RFC 6749 section 4.1.2.1",
  },
  {
    id: "authority.redirect-uri",
    what: "Redirect URIs are compared as strings, but for the port of a loopback one, which is ignored.",
    source: "RFC 8252 section 7.3",
  },
  {
    id: "authority.authorization-response",
    what: "An authorization response, success or error, echoes the state and carries the issuer.",
    source: "RFC 6749 section 4.1.2; RFC 9207",
  },
  {
    id: "authority.pkce",
    what: "PKCE with S256 is required, plain is refused, and a wrong verifier is AADSTS501481.",
    source: "RFC 7636; RFC 9700 section 2.1.1",
  },
  {
    id: "authority.scope",
    what: "A missing, malformed, unknown or unqualified scope is refused with Entra's code for it.",
    source: "https://learn.microsoft.com/entra/identity-platform/scopes-oidc",
  },
  {
    id: "authority.resource",
    what: "The resource parameter may be the server's URL by default, and must match the scope's prefix (AADSTS9010010) where the authority is told to be as strict as Entra.",
    source: "RFC 8707 section 2; docs/entra-profiles.md",
  },
  {
    id: "authority.silent",
    what: "A silent request (prompt=none) is answered login_required with AADSTS50058, since there is no session.",
    source: "OpenID Connect Core 1.0 section 3.1.2.6",
  },
  {
    id: "authority.cancel",
    what: "Cancel on the sign-in page is answered access_denied with AADSTS65004.",
    source: "RFC 6749 section 4.1.2.1",
  },
  {
    id: "authority.page",
    what: "The sign-in page names the server, the client, where one returns to, what is asked in words, and the three accounts with the administrator marked.",
    source: "docs/local-authority.md, Signing in",
  },
  {
    id: "authority.page.escaping",
    what: "Nothing that a client says about itself can become markup on a page.",
    source: "https://owasp.org/www-community/attacks/xss/",
  },
  {
    id: "authority.page.policy",
    what: "The pages run no script, load nothing, cannot be framed, and may send their form to the authority and the client's redirect URI only.",
    source: "https://www.w3.org/TR/CSP3/; RFC 9700 section 4.16",
  },
  {
    id: "authority.page.single-use",
    what: "A sign-in page's form works once and for a quarter of an hour.",
    source: "RFC 9700 section 4.7",
  },
  {
    id: "authority.browser",
    what: "A person signs in, by mouse or keyboard, in a real browser, which then arrives at the client.",
    source: "docs/local-authority.md, Signing in",
  },
  {
    id: "authority.code",
    what: "An authorization code works once, for ten minutes, and for the client and redirect URI that it was issued to.",
    source: "RFC 6749 sections 4.1.2 and 4.1.3",
  },
  {
    id: "authority.refresh",
    what: "A refresh token gives new tokens and a new refresh token, to its own client only, for 90 days, and goes on working afterwards, as in Entra.",
    source: "https://learn.microsoft.com/entra/identity-platform/refresh-tokens",
  },
  {
    id: "authority.client-authentication",
    what: "The API authenticates by secret, in the form or as HTTP Basic, or by federated assertion; public clients by their id alone; every other attempt has its own code.",
    source: "RFC 6749 section 2.3; RFC 7523 section 2.2",
  },
  {
    id: "authority.federated-credential",
    what: "A client assertion is accepted only when the managed identity's token for the token exchange is presented, signed and within its lifetime.",
    source:
      "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity",
  },
  {
    id: "authority.on-behalf-of",
    what: "A caller's token is exchanged for one for Graph with the same person and the delegated permissions that the API has consent for.",
    source: "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow",
  },
  {
    id: "authority.on-behalf-of.assertion",
    what: "The exchange refuses an assertion that is malformed, not signed by the authority, expired, or issued by or for somebody else, and an application's own (AADSTS7000114), each with its own code.",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
  },
  {
    id: "authority.on-behalf-of.consent",
    what: "The exchange is refused with AADSTS65001 without consent and with AADSTS500011 for an unknown resource.",
    source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
  },
  {
    id: "authority.demand",
    what: "An account's exchanges can be made to fail, with a claims challenge until a token answers it or with any known code until reset, from code and over loopback, and not from a web page.",
    source:
      "docs/local-authority.md, Making things go wrong; https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide",
  },
  {
    id: "authority.outage",
    what: "The keys and the token endpoint can be made to answer 503.",
    source: "docs/local-authority.md, Making things go wrong",
  },
  {
    id: "authority.start-page",
    what: "Whoever opens an address that `npm start` prints, of the authority or of the server, reads what it is and what to do next.",
    source: "local/authority/start-page.ts",
  },
  {
    id: "authority.embedded",
    what: "A page that loads the sign-in page as an image, a script or a frame starts no sign-in.",
    source: "https://www.w3.org/TR/fetch-metadata/",
  },
  {
    id: "authority.registration",
    what: "Any client can register itself as a public client with loopback, https or its own scheme's redirect URIs; others are refused by name.",
    source: "RFC 7591 section 3; RFC 8252 section 7",
  },
  {
    id: "authority.registration.bounded",
    what: "Only so many registrations are kept: the one that was used least recently makes room. One that somebody signed in with never makes room for those that nobody did.",
    source: "docs/local-authority.md, Where it differs from Entra; RFC 7591 section 5",
  },
  {
    id: "authority.persistence",
    what: "After a restart the signing key, registered clients and refresh tokens are still good; a state file that is not the authority's is named.",
    source: "local/authority/state.ts",
  },
  {
    id: "authority.msal",
    what: "MSAL exchanges tokens with the authority, by secret and by the managed identity's assertion, keeps users apart, and recognises a claims challenge.",
    source: "https://github.com/AzureAD/microsoft-authentication-library-for-js",
  },
  {
    id: "managed-identity.token",
    what: "The managed identity endpoint answers the App Service protocol with a token for the resource that was asked, with the issuer that the resource accepts.",
    source:
      "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference",
  },
  {
    id: "managed-identity.refusal",
    what: "The managed identity endpoint refuses a missing or wrong header, an unknown client id and other versions of the protocol.",
    source:
      "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference",
  },
  {
    id: "sign-in.account",
    what: "A local account is signed in from the issuer alone, through discovery, registration and the page's form, and gets tokens that verify.",
    source: "docs/local-authority.md, Signing in",
  },
  {
    id: "sign-in.errors",
    what: "A sign-in that cannot be done says why: which accounts there are, how to start the stack, or what the authority refused.",
    source: "docs/local-authority.md, Signing in",
  },
] as const satisfies readonly Requirement[];
