import type { Requirements } from "./requirement.ts";

export const onBehalfRequirements = {
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow": {
    "onbehalf.exchange":
      "A caller's access token is exchanged at the tenant's token endpoint for a token of any resource and scopes, by the on-behalf-of flow.",
    "onbehalf.client-secret": "In development a client secret stands in for the managed identity.",
  },
  "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity":
    {
      "onbehalf.federated-credential":
        "In production the managed identity's token for the cloud's token exchange audience is the client assertion, and no secret is sent.",
      "onbehalf.managed-identity-unavailable":
        "A managed identity that gives no token, or none in time, has a reason of its own.",
    },
  "src/downstream/federated-assertion.ts": {
    "onbehalf.assertion-once":
      "The managed identity is asked once for all exchanges that need its token, and again shortly before that expires.",
  },
  "docs/architecture.md, On behalf of the caller": {
    "onbehalf.once":
      "One access token of a caller is exchanged at most once per set of scopes while the exchanged token lasts, concurrent calls included.",
    "onbehalf.cancellation":
      "A call that is cancelled stops waiting for the exchange, and the other calls that wait for it do not notice.",
  },
  "docs/security.md, Threat model": {
    "onbehalf.never-shared":
      "An exchanged token is never shared between callers, nor between two access tokens of one caller.",
    "onbehalf.isolated":
      "What one caller's exchange meets, an error or throttling, is not answered to another caller.",
  },
  "RFC 6749 section 5.1": {
    "onbehalf.lifetime":
      "An exchanged token is renewed five minutes before it expires and is not used after the caller's own token has expired.",
  },
  "src/core/cache.ts": {
    "onbehalf.bounded":
      "The number of tokens held in memory is bounded; those not used for longest go first.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "onbehalf.claims":
      "An exchange with the claims of a challenge goes past the token that is held, and the new token replaces it.",
    "onbehalf.claims-capability":
      "Every exchange declares the client capability CP1, so that resources challenge instead of refusing.",
    "onbehalf.challenge-header":
      "The claims of a challenge are read from the Bearer challenge with error insufficient_claims alone, and only where they are a JSON object; in linear time, whatever the header holds.",
    "onbehalf.interaction-required":
      "Where the person has to sign in again, the failure says so and carries the claims for their client.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes": {
    "onbehalf.failure-reasons":
      "Every failed exchange has its own reason, with the authority's code where it gave one.",
    "onbehalf.refusal-stands":
      "A refusal stands for some seconds, and throttling for as long as the authority says, before the same exchange is tried again; a fault is not remembered.",
  },
  "RFC 9110 section 10.2.3": {
    "onbehalf.unavailable":
      "An authority that is out of reach, too slow or answers 5xx is told apart from a refusal, with its Retry-After.",
    "outbound.retry-after":
      "A throttled or passing response is tried again after the time that its Retry-After says.",
  },
  "RFC 6819 section 5.1.6": {
    "onbehalf.no-leak":
      "No token, no secret and none of the authority's prose is in a failure or in a log line.",
  },
  "https://learn.microsoft.com/graph/throttling": {
    "outbound.backoff":
      "Without Retry-After, attempts are repeated with growing, randomised pauses.",
  },
  "src/downstream/http.ts": {
    "outbound.budget":
      "An outbound request ends within its time budget: no wait is begun that the budget cannot hold.",
    "outbound.sent-once":
      "A request that may arrive once only is sent again only where there was no connection.",
    "outbound.bounded": "A response beyond one mebibyte is not read to its end.",
  },
  "RFC 9700 section 4.12": {
    "outbound.no-redirect":
      "A redirect is not followed, so that a token goes nowhere but where it was meant to go.",
  },
  "https://learn.microsoft.com/azure/app-service/overview-managed-identity": {
    "azure.credential":
      "Cosmos DB and Storage are reached with the managed identity where one is configured.",
  },
} satisfies Requirements;
