import type { Requirement } from "./requirement.ts";

export const securityRequirements = [
  {
    id: "fuzz.robust",
    what: "Random HTTP requests, JSON-RPC bodies and tokens meet no server error, no hang and no leak.",
    source: "design: limits",
  },
  {
    id: "static.forbidden",
    what: "Deployed code holds no exception text, no addresses from request headers, no output past the structured log, no settings past the configuration.",
    source: "design: error model",
  },
  {
    id: "static.licences",
    what: "What ships is under permissive licences.",
    source: "design: LICENSE",
  },
  {
    id: "secrets.contained",
    what: "Marked secrets thrown or held by every layer appear neither in answers nor in logs.",
    source: "docs/security.md",
  },
  {
    id: "audit.events",
    what: "A request leaves one event for its authentication and one for its tool call, with who, which client, outcome and reason, and without token or arguments.",
    source: "docs/audit.md",
  },
  {
    id: "audit.schema",
    what: "The audit events' schema is documented and changes only on purpose.",
    source: "docs/audit.md",
  },
] as const satisfies readonly Requirement[];
