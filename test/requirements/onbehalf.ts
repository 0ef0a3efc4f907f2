import type { Requirement } from "./requirement.ts";

const onBehalfOf =
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow";
const errorCodes = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";
const claimsChallenge = "https://learn.microsoft.com/entra/identity-platform/claims-challenge";
const federatedCredential =
  "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity";

export const onBehalfRequirements = [
  {
    id: "onbehalf.exchange",
    what: "A caller's access token is exchanged at the tenant's token endpoint for a token of any resource and scopes, by the on-behalf-of flow.",
    source: onBehalfOf,
  },
  {
    id: "onbehalf.federated-credential",
    what: "In production the managed identity's token for the cloud's token exchange audience is the client assertion, and no secret is sent.",
    source: federatedCredential,
  },
  {
    id: "onbehalf.assertion-once",
    what: "The managed identity is asked once for all exchanges that need its token, and again shortly before that expires.",
    source: "src/downstream/federated-assertion.ts",
  },
  {
    id: "onbehalf.client-secret",
    what: "In development a client secret stands in for the managed identity.",
    source: onBehalfOf,
  },
  {
    id: "onbehalf.once",
    what: "One access token of a caller is exchanged at most once per set of scopes while the exchanged token lasts, concurrent calls included.",
    source: "docs/architecture.md, On behalf of the caller",
  },
  {
    id: "onbehalf.never-shared",
    what: "An exchanged token is never shared between callers, nor between two access tokens of one caller.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "onbehalf.isolated",
    what: "What one caller's exchange meets, an error or throttling, is not answered to another caller.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "onbehalf.lifetime",
    what: "An exchanged token is renewed five minutes before it expires and is not used after the caller's own token has expired.",
    source: "RFC 6749 section 5.1",
  },
  {
    id: "onbehalf.bounded",
    what: "The number of tokens held in memory is bounded; those not used for longest go first.",
    source: "src/core/cache.ts",
  },
  {
    id: "onbehalf.cancellation",
    what: "A call that is cancelled stops waiting for the exchange, and the other calls that wait for it do not notice.",
    source: "docs/architecture.md, On behalf of the caller",
  },
  {
    id: "onbehalf.claims",
    what: "An exchange with the claims of a challenge goes past the token that is held, and the new token replaces it.",
    source: claimsChallenge,
  },
  {
    id: "onbehalf.claims-capability",
    what: "Every exchange declares the client capability CP1, so that resources challenge instead of refusing.",
    source: claimsChallenge,
  },
  {
    id: "onbehalf.challenge-header",
    what: "The claims of a challenge are read from the Bearer challenge with error insufficient_claims alone, and only where they are a JSON object; in linear time, whatever the header holds.",
    source: claimsChallenge,
  },
  {
    id: "onbehalf.interaction-required",
    what: "Where the person has to sign in again, the failure says so and carries the claims for their client.",
    source: claimsChallenge,
  },
  {
    id: "onbehalf.failure-reasons",
    what: "Every failed exchange has its own reason, with the authority's code where it gave one.",
    source: errorCodes,
  },
  {
    id: "onbehalf.refusal-stands",
    what: "A refusal stands for some seconds, and throttling for as long as the authority says, before the same exchange is tried again; a fault is not remembered.",
    source: errorCodes,
  },
  {
    id: "onbehalf.unavailable",
    what: "An authority that is out of reach, too slow or answers 5xx is told apart from a refusal, with its Retry-After.",
    source: "RFC 9110 section 10.2.3",
  },
  {
    id: "onbehalf.managed-identity-unavailable",
    what: "A managed identity that gives no token, or none in time, has a reason of its own.",
    source: federatedCredential,
  },
  {
    id: "onbehalf.no-leak",
    what: "No token, no secret and none of the authority's prose is in a failure or in a log line.",
    source: "RFC 6819 section 5.1.6",
  },
  {
    id: "outbound.retry-after",
    what: "A throttled or passing response is tried again after the time that its Retry-After says.",
    source: "RFC 9110 section 10.2.3",
  },
  {
    id: "outbound.backoff",
    what: "Without Retry-After, attempts are repeated with growing, randomised pauses.",
    source: "https://learn.microsoft.com/graph/throttling",
  },
  {
    id: "outbound.budget",
    what: "An outbound request ends within its time budget: no wait is begun that the budget cannot hold.",
    source: "src/downstream/http.ts",
  },
  {
    id: "outbound.bounded",
    what: "A response beyond one mebibyte is not read to its end.",
    source: "src/downstream/http.ts",
  },
  {
    id: "outbound.no-redirect",
    what: "A redirect is not followed, so that a token goes nowhere but where it was meant to go.",
    source: "RFC 9700 section 4.12",
  },
  {
    id: "azure.credential",
    what: "Cosmos DB and Storage are reached with the managed identity where one is configured.",
    source: "https://learn.microsoft.com/azure/app-service/overview-managed-identity",
  },
] as const satisfies readonly Requirement[];
