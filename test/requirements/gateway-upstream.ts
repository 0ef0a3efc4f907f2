import type { Requirements } from "./requirement.ts";

export const gatewayUpstreamRequirements = {
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow": {
    "gateway.upstream.front-channel":
      "The browser is sent to the issuer's page with the API's scope, PKCE by S256 and the gateway's own registration; a fresh sign-in or a known person is asked for where that is wanted.",
    "gateway.upstream.tokens":
      "A code brings an access token for the API's scope and a refresh token, which brings both anew; the registration proves itself with the managed identity's assertion, or with a secret in development.",
    "gateway.upstream.code":
      "A code is redeemed with its verifier and the gateway's callback; with another verifier, or a second time, it is refused.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "gateway.upstream.claims":
      "What Entra demands at refresh is passed on as it is, and a sign-in that asks for it brings tokens that fulfil it; the server's capability is declared each time.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes": {
    "gateway.upstream.failures":
      "Every refusal is told as one that a new sign-in can mend, one that passes, or one of the gateway's registration.",
    "gateway.upstream.refused":
      "A person whose sign-ins were revoked or whose account is disabled is refused at the next refresh, and nobody else is.",
  },
  "docs/gateway.md, How it works": {
    "gateway.upstream.misconfigured":
      "What is wrong with the gateway's registration ends nobody's grant, and is an error in the log with Entra's code and no secret.",
    "gateway.upstream.unavailable":
      "Where Entra or the managed identity cannot be reached, or asks to wait, it says so with the time to wait; a request with a code is never repeated once it may have arrived.",
  },
  "docs/gateway.md, Threats": {
    "gateway.upstream.isolated":
      "Nothing of one person's request, tokens or failures, reaches another's.",
  },
} satisfies Requirements;
