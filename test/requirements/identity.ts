import type { Requirement } from "./requirement.ts";

const tokenClaims =
  "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference";

export const identityRequirements = [
  {
    id: "token.caller",
    what: "A valid access token yields the caller: object id, tenant, client application, scopes, app roles.",
    source: tokenClaims,
  },
  {
    id: "token.not-shown",
    what: "A caller's access token never appears where the caller is printed or serialised.",
    source: "RFC 6750 section 5.3",
  },
  {
    id: "token.signature",
    what: "A token whose signature does not verify with the authority's key, or is not written as base64url is, is refused.",
    source: "RFC 7515 section 5.2",
  },
  {
    id: "token.algorithm",
    what: "A token of any algorithm but RS256 is refused, `none` and symmetric ones included.",
    source: "RFC 8725 section 3.1",
  },
  {
    id: "token.header",
    what: "A token of another type, with critical header extensions or without a key id is refused.",
    source: "RFC 7515 section 4.1, RFC 8725 section 3.11",
  },
  {
    id: "token.unknown-key",
    what: "A token signed under a key id that the authority does not publish is refused; a key that it brings itself is never used.",
    source: "RFC 8725 section 3.10",
  },
  {
    id: "token.issuer",
    what: "A token of another issuer, or of none, is refused.",
    source: "RFC 7519 section 4.1.1, RFC 8725 section 3.8",
  },
  {
    id: "token.audience",
    what: "A token meant for another audience, for several, or for none, is refused.",
    source:
      "RFC 8725 section 3.9; https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#token-handling",
  },
  {
    id: "token.tenant",
    what: "A token of another tenant, or of none, is refused.",
    source: tokenClaims,
  },
  {
    id: "token.lifetime",
    what: "A token outside its lifetime is refused, with 30 seconds for clocks that differ. One from the future is refused for that only once all else about whose it is and for whom is right.",
    source: "RFC 7519 sections 4.1.4 to 4.1.6",
  },
  {
    id: "token.from-the-future",
    what: "A token from the future, right in signature, issuer, audience and tenant, says that the server's clock is behind: the answer is 503 with Retry-After, with the reason in the log, since a client would only loop through sign-in.",
    source: "RFC 9110 section 15.6.4",
  },
  {
    id: "token.agent-acting",
    what: "An AI agent that acts for a person is let in, unless the allowed clients leave it out, and stands in the audit log with its parent application.",
    source:
      "https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md",
  },
  {
    id: "token.agent-user",
    what: "An AI agent's own user account is refused with 403 and a reason of its own, unless ALLOW_AGENT_USERS is true.",
    source:
      "https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md",
  },
  {
    id: "token.version",
    what: "A token that is not of version 2.0 is refused; one of version 1.0 is named as such.",
    source: tokenClaims,
  },
  {
    id: "token.object-id",
    what: "A token without the person's object id, or with one that is no GUID, is refused.",
    source: tokenClaims,
  },
  {
    id: "token.client",
    what: "A token that does not say which client application it was issued to is refused.",
    source: tokenClaims,
  },
  {
    id: "token.delegated",
    what: "A token that no signed-in person has delegated is refused.",
    source: tokenClaims,
  },
  {
    id: "token.scope",
    what: "A token without the scope `user_impersonation` is refused.",
    source: "RFC 6750 section 3.1",
  },
  {
    id: "token.sender-constrained",
    what: "A token bound to a key (`cnf`) is refused by name when it is presented as a plain bearer token.",
    source: "RFC 7800 section 3.1",
  },
  {
    id: "token.allowed-clients",
    what: "Where client applications are named in the configuration, a token issued to any other is refused with 403.",
    source: tokenClaims,
  },
  {
    id: "token.malformed",
    what: "Whatever is not a signed JSON Web Token with well-formed claims is refused.",
    source: "RFC 7519 section 7.2",
  },
  {
    id: "token.size",
    what: "A token of more than 12 KiB is refused before it is decoded, with 431 and no challenge: the next token would be as large.",
    source: "docs/security.md, Limits",
  },
  {
    id: "key-set.outage",
    what: "While the key set cannot be fetched, nothing is concluded about a token: the answer is 503 with Retry-After, never 401.",
    source: "RFC 9110 section 15.6.4",
  },
  {
    id: "key-set.held",
    what: "Keys that are held keep working while the authority is out of reach.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "key-set.rollover",
    what: "An unknown key id fetches the key set anew, at most once in 30 seconds and once for all who ask at the same time.",
    source: "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover",
  },
  {
    id: "key-set.refresh",
    what: "A key set older than 12 hours is fetched anew in the background, so that withdrawn keys stop working.",
    source: "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover",
  },
  {
    id: "key-set.registration",
    what: "The registration's own keys are asked for, with which Entra signs where it has a claims mapping; API Management asks for them too.",
    source: "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens",
  },
  {
    id: "key-set.issuer",
    what: "A key of the set that names another issuer verifies nothing; one that names none, or the issuer with `{tenantid}` in place of the tenant, does.",
    source:
      "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer",
  },
  {
    id: "key-set.bounded",
    what: "No more of a key set is read than it may be large.",
    source: "docs/security.md, Limits",
  },
  {
    id: "durations.monotonic",
    what: "A wall clock that is set, forth or back, changes no duration: how long something is kept, tried again after, or waited for.",
    source: "https://nodejs.org/api/perf_hooks.html#performancenow",
  },
  {
    id: "key-set.usable",
    what: "Keys of other types and encryption keys in the set are left out; a set without a usable key counts as not fetched.",
    source: "RFC 7517 section 5",
  },
] as const satisfies readonly Requirement[];
