import type { Requirements } from "./requirement.ts";

export const graphRequirements = {
  "RFC 6750 section 3.1": {
    "graph.token-renewed":
      "A 401 without claims judges the exchanged token: it is dropped, the exchange is repeated once past the cache, and a second 401 is a tool error.",
  },
  "https://learn.microsoft.com/graph/auth-v2-user": {
    "graph.on-behalf":
      "Graph is asked with a token that was exchanged for the caller, at the configured endpoint, and for the cloud's own resource.",
  },
  "https://learn.microsoft.com/graph/errors": {
    "graph.failure-reasons":
      "Every answer of Graph that cannot be used has its own reason, and a failed exchange stays recognisable.",
  },
  "https://learn.microsoft.com/graph/throttling": {
    "graph.throttling":
      "Graph's throttling is waited out as Retry-After says while time allows, and reported with it otherwise.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "graph.claims-challenge":
      "Where Graph challenges for claims the exchange is repeated once with them; only what that exchange requires of the person is passed on.",
  },
  "RFC 6819 section 5.1.6": {
    "graph.no-leak": "No token and nothing that Graph wrote is in a failure.",
  },
  "https://learn.microsoft.com/graph/api/user-get": {
    "graph.profile":
      "The caller's profile is read from Graph and checked; what the directory does not hold is absent.",
  },
  "src/directory/profile.ts": {
    "graph.profile-own": "A profile whose id is not the caller's object id is refused.",
  },
  "docs/architecture.md, On behalf of the caller": {
    "graph.user-details":
      "`get_user_details` tells who the caller is, as the directory has it, and that it does not read their manager; where it cannot, it says in plain words what to do.",
  },
  "https://learn.microsoft.com/graph/api/user-list-transitivememberof": {
    "graph.membership":
      "Transitive membership of the configured group is asked of Graph on the caller's behalf; an answer about another group proves nothing.",
  },
  "docs/configuration.md, What is cached, and for how long": {
    "graph.membership-held":
      "Membership is remembered per person for five minutes, the lack of it for one, a failure not at all; concurrent calls share one request.",
  },
  "docs/configuration.md": {
    "graph.membership-no-group":
      "Without a configured group nobody is a member, and Graph is not asked.",
  },
} satisfies Requirements;
