import type { Requirements } from "./requirement.ts";

export const identityRequirements = {
  "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference": {
    "token.caller":
      "A valid access token yields the caller: object id, tenant, client application, scopes, app roles.",
    "token.tenant": "A token of another tenant, or of none, is refused.",
    "token.version":
      "A token that is not of version 2.0 is refused; one of version 1.0 is named as such.",
    "token.object-id":
      "A token without the person's object id, or with one that is no GUID, is refused.",
    "token.client":
      "A token that does not say which client application it was issued to is refused.",
    "token.delegated": "A token that no signed-in person has delegated is refused.",
    "token.allowed-clients":
      "Where client applications are named in the configuration, a token issued to any other is refused with 403.",
  },
  "RFC 6750 section 5.3": {
    "token.not-shown":
      "A caller's access token never appears where the caller is printed or serialised.",
  },
  "RFC 7515 section 5.2": {
    "token.signature":
      "A token whose signature does not verify with the authority's key, or is not written as base64url is, is refused.",
  },
  "RFC 8725 section 3.1": {
    "token.algorithm":
      "A token of any algorithm but RS256 is refused, `none` and symmetric ones included.",
  },
  "RFC 7515 section 4.1, RFC 8725 section 3.11": {
    "token.header":
      "A token of another type, with critical header extensions or without a key id is refused.",
  },
  "RFC 8725 section 3.10": {
    "token.unknown-key":
      "A token signed under a key id that the authority does not publish is refused; a key that it brings itself is never used.",
  },
  "RFC 7519 section 4.1.1, RFC 8725 section 3.8": {
    "token.issuer": "A token of another issuer, or of none, is refused.",
  },
  "RFC 8725 section 3.9; https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#token-handling":
    {
      "token.audience": "A token meant for another audience, for several, or for none, is refused.",
    },
  "RFC 7519 sections 4.1.4 to 4.1.6": {
    "token.lifetime":
      "A token outside its lifetime is refused, with 30 seconds for clocks that differ. One from the future is refused for that only once all else about whose it is and for whom is right.",
  },
  "RFC 9110 section 15.6.4": {
    "token.from-the-future":
      "A token from the future, right in signature, issuer, audience and tenant, says that the server's clock is behind: the answer is 503 with Retry-After, with the reason in the log, since a client would only loop through sign-in.",
    "key-set.outage":
      "While the key set cannot be fetched, nothing is concluded about a token: the answer is 503 with Retry-After, never 401.",
  },
  "https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/agent-token-claims.md": {
    "token.agent-acting":
      "An AI agent that acts for a person is let in, unless the allowed clients leave it out, and stands in the audit log with its parent application.",
    "token.agent-user":
      "An AI agent's own user account is refused with 403 and a reason of its own, unless ALLOW_AGENT_USERS is true.",
  },
  "RFC 6750 section 3.1": {
    "token.scope": "A token without the scope `user_impersonation` is refused.",
  },
  "RFC 7800 section 3.1": {
    "token.sender-constrained":
      "A token bound to a key (`cnf`) is refused by name when it is presented as a plain bearer token.",
  },
  "RFC 7519 section 7.2": {
    "token.malformed":
      "Whatever is not a signed JSON Web Token with well-formed claims is refused.",
  },
  "docs/security.md, Limits": {
    "token.size":
      "A token of more than 12 KiB is refused before it is decoded, with 431 and no challenge: the next token would be as large.",
    "key-set.bounded": "No more of a key set is read than it may be large.",
  },
  "docs/security.md, Threat model": {
    "key-set.held": "Keys that are held keep working while the authority is out of reach.",
  },
  "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover": {
    "key-set.rollover":
      "An unknown key id fetches the key set anew, at most once in 30 seconds and once for all who ask at the same time.",
    "key-set.refresh":
      "A key set older than 12 hours is fetched anew in the background, so that withdrawn keys stop working.",
  },
  "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens": {
    "key-set.registration":
      "The registration's own keys are asked for, with which Entra signs where it has a claims mapping; API Management asks for them too.",
  },
  "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signing-key-issuer":
    {
      "key-set.issuer":
        "A key of the set that names another issuer verifies nothing; one that names none, or the issuer with `{tenantid}` in place of the tenant, does.",
    },
  "https://nodejs.org/api/perf_hooks.html#performancenow": {
    "durations.monotonic":
      "A wall clock that is set, forth or back, changes no duration: how long something is kept, tried again after, or waited for.",
  },
  "RFC 7517 section 5": {
    "key-set.usable":
      "Keys of other types and encryption keys in the set are left out; a set without a usable key counts as not fetched.",
  },
} satisfies Requirements;
