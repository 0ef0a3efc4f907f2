import type { Requirement } from "./requirement.ts";

const errors = "https://learn.microsoft.com/graph/errors";

export const graphRequirements = [
  {
    id: "graph.token-renewed",
    what: "A 401 without claims judges the exchanged token: it is dropped, the exchange is repeated once past the cache, and a second 401 is a tool error.",
    source: "RFC 6750 section 3.1",
  },
  {
    id: "graph.on-behalf",
    what: "Graph is asked with a token that was exchanged for the caller, at the configured endpoint, and for the cloud's own resource.",
    source: "https://learn.microsoft.com/graph/auth-v2-user",
  },
  {
    id: "graph.failure-reasons",
    what: "Every answer of Graph that cannot be used has its own reason, and a failed exchange stays recognisable.",
    source: errors,
  },
  {
    id: "graph.throttling",
    what: "Graph's throttling is waited out as Retry-After says while time allows, and reported with it otherwise.",
    source: "https://learn.microsoft.com/graph/throttling",
  },
  {
    id: "graph.claims-challenge",
    what: "Where Graph challenges for claims the exchange is repeated once with them; only what that exchange requires of the person is passed on.",
    source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
  },
  {
    id: "graph.no-leak",
    what: "No token and nothing that Graph wrote is in a failure.",
    source: "RFC 6819 section 5.1.6",
  },
  {
    id: "graph.profile",
    what: "The caller's profile is read from Graph and checked; what the directory does not hold is absent.",
    source: "https://learn.microsoft.com/graph/api/user-get",
  },
  {
    id: "graph.profile-own",
    what: "A profile whose id is not the caller's object id is refused.",
    source: "src/directory/profile.ts",
  },
  {
    id: "graph.user-details",
    what: "`get_user_details` tells who the caller is, as the directory has it; where it cannot, it says in plain words what to do.",
    source: "docs/architecture.md, On behalf of the caller",
  },
  {
    id: "graph.membership",
    what: "Transitive membership of the configured group is asked of Graph on the caller's behalf; an answer about another group proves nothing.",
    source: "https://learn.microsoft.com/graph/api/user-list-transitivememberof",
  },
  {
    id: "graph.membership-held",
    what: "Membership is remembered per person for five minutes, the lack of it for one, a failure not at all; concurrent calls share one request.",
    source: "docs/configuration.md, What is cached, and for how long",
  },
  {
    id: "graph.membership-no-group",
    what: "Without a configured group nobody is a member, and Graph is not asked.",
    source: "docs/configuration.md",
  },
] as const satisfies readonly Requirement[];
